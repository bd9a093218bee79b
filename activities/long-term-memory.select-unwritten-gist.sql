-- What a gist is made from: its members, most central first, and the phrases that are frequent here and rare elsewhere.
with pending as (
  from wanted_gist where gist_id not in (select gist_id from gist) order by gist_id limit $limit
), frequency as (
  select entity, count(*) as df from mention group by entity
), phrase as (
  select p.gist_id, m.entity, arg_min(m.label, (len(m.label), m.label)) as label,
    count(*) * idf((select count(*) from memory), any_value(f.df)) as weight
  from pending p join gist_member g using (gist_id) join mention m using (memory_id) join frequency f using (entity)
  where m.type <> 'date'
  group by p.gist_id, m.entity
  having count(*) >= 2
), top_phrase as (
  select gist_id, list(label order by weight desc, entity)[:5] as phrases from phrase group by gist_id
), member as (
  select g.gist_id, list({'content': m.gist} order by g.position)[:7] as members
  from gist_member g join memory m using (memory_id) semi join pending using (gist_id) group by g.gist_id
)
select p.gist_id, p.community_id, m.members::json as members, coalesce(t.phrases, [])::json as phrases
from pending p join member m using (gist_id) left join top_phrase t using (gist_id)
order by p.gist_id
