-- What is true as of a time, each thing once. Strengths decay when they are read and are never stored decayed, so every statement
-- that looks at one reads it here. A time is anything that casts to a timestamp in UTC; for one before the last event nothing has
-- decayed yet.

-- Associations: w is what is left of the weight, idle the days since both ends were last active together.
create or replace macro association_at(as_of) as table
select src, dst, w * half_life_decay(days_between(last_at, as_of), edge_half_life_days()) as w,
  co_activation_count, days_between(last_at, as_of) as idle, last_at, made_by, changed_at
from association;

-- Traces: retrievability is the probability of a recall, s_h and s_c are what is left of the hippocampal and the cortical trace,
-- idle is the days since the last event. What else a table of traces has, as the number of a row in a recall file, is there too.
create or replace macro trace_at(as_of) as table
select *, consolidation_state(s_h, s_c) as consolidation_state
from (
  select * exclude (s_c_at, last_event_id)
      replace (s_c * half_life_decay(days_between(s_c_at, as_of), cortical_half_life_days()) as s_c),
    days_between(last_at, as_of) as idle,
    fsrs_r(days_between(last_at, as_of), stability) as retrievability,
    hippocampal_trace(days_between(first_at, as_of), hippocampal_half_life_days()) as s_h
  from trace);

-- Memories that were of use to a recall lately: when last, and whether no replay has followed since that was told.
create or replace macro used_at(as_of) as table
select memory_id, max(ts) filter (where kind = 'recall') as last_used_at,
  max(event_id) filter (where kind = 'recall') > coalesce(max(event_id) filter (where kind = 'replay'), 0) as unreplayed
from event
where ts <= as_of::timestamp and memory_id in (
  select memory_id from event where kind = 'recall' and days_between(ts, as_of) between 0 and recent_use_days())
group by memory_id;

-- What is left at t of the state that a fold of events gave, both in days since 1970: the same as of a trace, for each moment of a life.
create or replace macro folded_retrievability(folded, t) as fsrs_r(t - folded.t, folded.s);
create or replace macro folded_hippocampal(folded, t) as hippocampal_trace(t - folded.o, hippocampal_half_life_days());
create or replace macro folded_cortical(folded, t) as folded.c * half_life_decay(t - folded.u, cortical_half_life_days());
create or replace macro folded_state(folded, t) as consolidation_state(folded_hippocampal(folded, t), folded_cortical(folded, t));
