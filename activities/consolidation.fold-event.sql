-- Folds the whole history of every memory that has new events, so a late event needs no special case.
insert or replace into trace by name
with touched as (
  select e.memory_id from event e left join trace t using (memory_id)
  group by e.memory_id having max(e.event_id) > coalesce(any_value(t.last_event_id), 0)
), history as (
  select e.memory_id, min(ts) as first_at, max(ts) as last_at, count(*)::integer as n_access,
    max(event_id) as last_event_id,
    list(event_step(kind, grade, ts, schema_fit) order by ts, event_id) as steps
  from event e semi join touched using (memory_id)
  group by e.memory_id
), folded as (
  select *, fold_events(steps) as state
  from history
)
select memory_id, first_at, last_at, n_access, last_event_id, state.s as stability, state.d as difficulty,
  state.c as s_c, make_timestamp((state.u * 86400000000)::bigint) as s_c_at, $as_of::timestamp as changed_at
from folded
