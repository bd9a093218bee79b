-- The network as it is tonight: associations between what is alive and not archived, each pair once, decayed to asOf. As they are, a
-- community is of one scope, and so is its gist. What weighs less than sums can tell from nothing, after years without a night, is none.
create or replace temp table link as
with held as (
  select memory_id from memory left join fate using (memory_id) where fate is distinct from 'rapid_forgetting'
)
select least(a.src, a.dst) as a, greatest(a.src, a.dst) as b,
  max(a.w) as w
from association_at($as_of) a
semi join held x on x.memory_id = a.src
semi join held y on y.memory_id = a.dst
group by 1, 2
having exact_sum(a.w) > 0
