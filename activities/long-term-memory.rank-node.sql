-- Weighted PageRank, damping 0.85 (Brin & Page 1998), twenty rounds; every node of the network has a link, so no mass is lost.
create or replace temp table node as
with recursive directed as materialized (
  select a as src, b as dst, w from link union all select b, a, w from link
), vertex as materialized (
  select src as memory_id, exact_sum(w) as strength, count(*)::integer as degree from directed group by src
), walk(round, memory_id, rank) as (
  select 0, memory_id, 1.0::double / count(*) over () from vertex
  union all
  select any_value(w.round) + 1, d.dst,
    0.15 / (select count(*) from vertex) + 0.85 * exact_sum(w.rank * d.w / v.strength)
  from walk w join vertex v using (memory_id) join directed d on d.src = w.memory_id
  where w.round < 20
  group by d.dst
)
select w.memory_id, w.rank as centrality, v.degree
from walk w join vertex v using (memory_id) where w.round = 20
