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
)
select ts as at, kind, grade, events, others,
  {'retrievability': folded_retrievability(after, now), 'stability': after.s, 'difficulty': after.d,
    'hippocampal': folded_hippocampal(after, now), 'cortical': folded_cortical(after, now), 'state': folded_state(after, now)} as strength,
  coalesce((
    select list({'at': make_timestamp((t * 86400000000)::bigint), 'retrievability': r} order by t)
    from (select t, folded_retrievability(after, t) as r from moment)
    where t >= epoch_us(s.ts) / 86400000000.0 and (t < s.next_t or s.next_t is null)), []) as curve
from folded s, clock
order by ts, event_id
