-- What a gist is made from: its members, most central first, and the phrases that are frequent here and rare elsewhere.
with pending as (
  select u.place, u.why, w.*
  from (from unread where place > $after and (why <> 'waiting' or $asks) order by place limit $limit) u
  join wanted_gist w on w.gist_id = u.id
), part as (
  select gist_id, unnest(members) as memory_id, unnest(range(1, len(members) + 1)) as position from pending
), frequency as (
  select entity, count(*) as df from mention group by entity
), phrase as (
  select g.gist_id, m.entity, arg_min(m.label, (len(m.label), m.label)) as label,
    count(*) * idf((select count(*) from memory), any_value(f.df)) as weight
  from part g join mention m using (memory_id) join frequency f using (entity)
  where m.type <> 'date'
  group by g.gist_id, m.entity
  having count(*) >= gist_phrase_min_members()
), top_phrase as (
  select gist_id, list(label order by weight desc, entity)[:gist_phrases()] as phrases from phrase group by gist_id
), member as (
  select g.gist_id, list({'content': m.gist} order by g.position)[:gist_read_members()] as members
  from part g join memory m using (memory_id) group by g.gist_id
)
select p.gist_id as id, p.place, p.why, p.community_id, m.members::json as members,
  coalesce(t.phrases, [])::json as phrases
from pending p join member m using (gist_id) left join top_phrase t using (gist_id)
order by p.place
