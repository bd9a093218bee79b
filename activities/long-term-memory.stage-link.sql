-- The network as it is tonight: associations between what is alive and not archived, of one agent, each pair once, decayed to asOf. A
-- community is so one agent's, as its gist is. What weighs less than sums can tell from nothing, after years without a night, is none.
create or replace temp table link as
with held as (
  select memory_id, agent from memory left join fate using (memory_id) where fate is distinct from 'rapid_forgetting'
)
select least(a.src, a.dst) as a, greatest(a.src, a.dst) as b,
  max(a.w) as w
from association_at($as_of) a
join held x on x.memory_id = a.src
join held y on y.memory_id = a.dst and y.agent = x.agent
group by 1, 2
having exact_sum(a.w) > 0
order by 1, 2
