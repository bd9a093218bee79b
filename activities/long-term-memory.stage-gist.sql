-- A community with enough transferred memories has a gist; the same members give the same id.
create or replace temp table wanted_gist as
select md5(string_agg(memory_id, ',' order by memory_id)) as gist_id, community_id,
  list(memory_id order by centrality desc, memory_id) as members
from network join fate using (memory_id) semi join memory using (memory_id)
where fate.fate = 'cortical_transfer'
group by community_id
having count(*) >= gist_min_members()
