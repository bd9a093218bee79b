-- Two hops away, in another community, not yet associated, plausible through shared neighbours (resource
-- allocation) and far apart in what they mention (1 - cosine of tf-idf). The night's seeds are chosen by hash.
-- Nodes go by their number in the order of ids, which sorts and groups in half the time of the ids themselves.
insert into distant_association by name
with node as materialized (
  select row_number() over (order by memory_id)::integer as n, memory_id, community_id from network
), degree as (
  select src, count(*) as k from association group by src
), seed as (
  select n, memory_id, community_id from node order by hash(memory_id || ':' || $cycle_id), memory_id limit rem_seeds()
), linked as (
  select a.n as src, b.n as dst from association e join node a on a.memory_id = e.src join node b on b.memory_id = e.dst
), reached as (
  select s.n as src, z.n as dst, exact_sum(1.0 / d.k) as resource_allocation
  from seed s
  join association x on x.src = s.memory_id
  join degree d on d.src = x.dst
  join association y on y.src = x.dst
  join node z on z.memory_id = y.dst
  where z.community_id <> s.community_id
  group by s.n, z.n
), far as (
  select a.memory_id as src, b.memory_id as dst, r.resource_allocation
  from (
    select r.* from reached r
    anti join linked e on e.src = r.src and e.dst = r.dst
    anti join linked f on f.src = r.dst and f.dst = r.src
    -- Only the most plausible of each seed are compared, which bounds the work in a dense network.
    qualify row_number() over (partition by r.src order by r.resource_allocation desc, r.dst) <= rem_candidates()) r
  join node a on a.n = r.src join node b on b.n = r.dst
), rarity as (
  select entity, idf((select count(*) from memory), count(*)) as idf from mention where type <> 'date' group by entity
), vector as (
  select m.memory_id, m.entity, r.idf as weight
  from mention m join rarity r using (entity)
  where m.memory_id in (select src from far union select dst from far)
), length as (
  select memory_id, sqrt(exact_sum(weight * weight)) as norm from vector group by memory_id
), overlap as (
  select f.src, f.dst, exact_sum(a.weight * b.weight) as dot
  from far f join vector a on a.memory_id = f.src join vector b on b.memory_id = f.dst and b.entity = a.entity
  group by f.src, f.dst
), scored as (
  select f.src, f.dst, f.resource_allocation, 1 - coalesce(o.dot, 0) / (x.norm * y.norm) as distance
  from far f left join overlap o using (src, dst)
  join length x on x.memory_id = f.src join length y on y.memory_id = f.dst
  where x.norm > 0 and y.norm > 0
), best as (
  select *, creative_score(resource_allocation, distance) as creative_score
  from scored where distance between rem_min_distance() and rem_max_distance()
  qualify row_number() over (partition by src order by creative_score(resource_allocation, distance) desc, dst) = 1
)
select least(src, dst) as src, greatest(src, dst) as dst, max(resource_allocation) as resource_allocation,
  max(distance) as distance, max(creative_score) as creative_score, $as_of::timestamp as proposed_at
from best group by 1, 2
order by creative_score desc, 1, 2 limit rem_association_batch_size()
on conflict do nothing
