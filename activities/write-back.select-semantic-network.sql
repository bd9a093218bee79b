-- The strongest associations of each transferred memory to other transferred ones.
with held as (
  select memory_id from fate semi join memory using (memory_id) where fate = 'cortical_transfer'
), link as (
  select a.src, a.dst, a.co_activation_count, a.w as weight
  from association_at($as_of) a semi join held x on x.memory_id = a.src semi join held y on y.memory_id = a.dst
  qualify row_number() over (partition by a.src order by a.w desc, a.dst) <= semantic_network_top_k()
)
-- Ids may hold spaces: 'a b' with 'c' is not 'a' with 'b c'.
select to_json([src, dst])::varchar as key, to_json({
  'src': src, 'dst': dst, 'weight': weight, 'co_activation_count': co_activation_count, 'as_of': $as_of })::varchar as row
from link
where to_json([src, dst])::varchar > $after
order by key limit $limit
