-- What some memories may restate: the earlier memories of the same agent that they are linked to, of which there are few, with the
-- cosine of their nearest two parts.
with wanted as (
  select unnest(from_json($ids, '["VARCHAR"]')) as memory_id
), pair as (
  select n.memory_id as newer, o.memory_id as older, o.content
  from (from raw_memory semi join wanted using (memory_id)) n
  join association a on a.src = n.memory_id
  join raw_memory o on o.memory_id = a.dst and o.agent = n.agent and o.created_at < n.created_at and o.deleted_at is null
), near as (
  select p.newer, p.older, max(list_inner_product(x.vector, y.vector)) as cosine
  from pair p
  join embedding x on x.memory_id = p.newer
  join embedding y on y.memory_id = p.older and y.model = x.model
  group by p.newer, p.older
)
select p.*, n.cosine::double as cosine from pair p left join near n using (newer, older) order by newer, older
