-- Weighted PageRank (Brin & Page 1998); every node of the network has a link, so no mass is lost.
-- Nodes go by number: so many joins over ids cost twice as much.
create or replace temp table node as
with recursive directed as (
  select a as src, b as dst, w from link union all select b, a, w from link
), vertex as materialized (
  select src as memory_id, row_number() over (order by src)::integer as n, exact_sum(w) as strength, count(*)::integer as degree
  from directed group by src
), share as materialized (
  select v.n as src, o.n as dst, d.w / v.strength as share
  from directed d join vertex v on v.memory_id = d.src join vertex o on o.memory_id = d.dst
), base as materialized (
  select centrality_restart() / count(*) as base from vertex
), walk(round, n, rank) as (
  select 0, n, 1.0::double / count(*) over () from vertex
  union all
  select any_value(w.round) + 1, s.dst, (select base from base) + (1 - centrality_restart()) * exact_sum(w.rank * s.share)
  from walk w join share s on s.src = w.n
  where w.round < centrality_rounds()
  group by s.dst
)
select v.memory_id, w.rank as centrality, v.degree
from walk w join vertex v using (n) where w.round = centrality_rounds()
