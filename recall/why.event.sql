-- What happened to a memory up to a time, each with the state after it and what is left of that by then; and, for a plot, its
-- retrievability at moments from the first event to some days after that time. Times are in days, as in the fold.
with clock as (
  select epoch_us($as_of::timestamp) / 86400000000.0 as now
), told as (
  select *, epoch_us(lead(ts) over (order by ts, event_id)) / 86400000000.0 as next_t,
    list(coalesce(state, event_step(kind, grade, ts, schema_fit))) filter (kind <> 'coactivate')
      over (order by ts, event_id rows between unbounded preceding and current row) as steps
  from event where memory_id = $id and ts <= $as_of::timestamp
), folded as (
  -- Of the times at which it was active with others some may lie before the oldest event that is told.
  select *, fold_events(steps) as after from told where steps is not null
), span as (
  select any_value(now) as now, epoch_us(min(ts)) / 86400000000.0 as first from folded, clock
), moment as (
  select unnest(range($moments)) / ($moments - 1) * (now + $ahead_days - first) + first as t from span
), seen as (
  select *, fsrs_r(now - after.t, after.s) as retrievability,
    hippocampal_trace(now - after.o, hippocampal_half_life_days()) as hippocampal,
    after.c * half_life_decay(now - after.u, cortical_half_life_days()) as cortical,
    consolidation_state(hippocampal, cortical) as consolidation_state
  from folded, clock
)
select ts as at, kind, grade, events, others,
  {'retrievability': retrievability, 'stability': after.s, 'difficulty': after.d, 'hippocampal': hippocampal,
    'cortical': cortical, 'state': consolidation_state} as strength,
  coalesce((
    select list({'at': make_timestamp((t * 86400000000)::bigint), 'retrievability': r} order by t)
    from (select t, fsrs_r(t - after.t, after.s) as r from moment)
    where t >= epoch_us(s.ts) / 86400000000.0 and (t < s.next_t or s.next_t is null)), []) as curve
from seen s
order by ts, event_id
