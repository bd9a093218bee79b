-- Schema fit: the share of a memory's strongest associations that lead to what is already schematized.
insert into event by name
with neighbour as (
  select a.src, a.w, t.consolidation_state = 'schematized' as known
  from association_at($night) a semi join replay r on r.memory_id = a.src join trace_at($night) t on t.memory_id = a.dst
  qualify row_number() over (partition by a.src order by a.w desc, a.dst) <= schema_fit_links()
), fit as (
  select src as memory_id, exact_sum(case when known then w else 0 end) / nullif(exact_sum(w), 0) as schema_fit
  from neighbour group by src
)
select (select coalesce(max(event_id), 0) from event) + r.rank as event_id, r.memory_id, $night::timestamp as ts,
  'replay' as kind, replay_grade() as grade, coalesce(f.schema_fit, 0) as schema_fit, $cycle_id as cycle_id
from replay r left join fit f using (memory_id)
