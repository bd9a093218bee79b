-- A community with enough transferred memories has a gist, which also rests on what these have replaced and on what has replaced them; the
-- same members in the same words and the same replacements give the same id.
create or replace temp table wanted_gist as
with transferred as (
  select memory_id, community_id, centrality
  from network join fate using (memory_id) semi join memory using (memory_id)
  where fate.fate = 'cortical_transfer'
  qualify count(*) over (partition by community_id) >= gist_min_members()
), part as (
  select memory_id, community_id, max(centrality) as centrality, max(replaced_by) as replaced_by
  from (
    select t.*, s.newer as replaced_by from transferred t left join standing s on s.older = t.memory_id
    union all
    select s.older, community_id, 0, s.newer from transferred join standing s on s.newer = memory_id
    union all
    select s.newer, community_id, 0, null from transferred join standing s on s.older = memory_id)
  group by memory_id, community_id
)
select md5(string_agg(concat_ws('>', replaced_by, memory_id || ' ' || content_hash), ',' order by memory_id)) as gist_id, community_id,
  list(memory_id order by centrality desc, memory_id) as members
from part join memory using (memory_id)
group by community_id
