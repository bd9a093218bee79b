-- A memory's life: its newest events; what came before them as one row, folded into `state`; and when it was active together with
-- how many `others`. So many rows of each kind for a memory at most.
create table recall.event as
with wanted as materialized (
  select memory_id from publishing where part = 'trace'
), aged as (
  select *, row_number() over (partition by memory_id order by ts desc, event_id desc) as age
  from event semi join wanted using (memory_id)
), active as (
  select src as memory_id, ts, count(*)::integer as others
  from coactivation c semi join wanted w on w.memory_id = c.src
  group by src, ts
  qualify row_number() over (partition by src order by ts desc) <= $kept
)
select memory_id, max(ts) as ts, max(event_id) as event_id, 'earlier' as kind, null::tinyint as grade, null::double as schema_fit,
  count(*)::integer as events, null::integer as others,
  fold_events(list(event_step(kind, grade, ts, schema_fit) order by ts, event_id)) as state
from aged where age > $kept group by memory_id
union all
select memory_id, ts, event_id, kind, grade, schema_fit, 1, null, null from aged where age <= $kept
union all
select memory_id, ts, null, 'coactivate', null, null, 1, others, null from active
order by memory_id, ts, event_id
