-- Of every memory; of one only; or of those that were encoded after an event, where they live a night that the others have lived.
-- Each rule holds for more of whatever it asks for, and the best fate comes first, so nothing that speaks for a memory makes its fate worse.
-- What is said as its reason holds until its need changes: a number that changes each night would publish every memory each night.
insert or replace into fate by name
with use as (
  select memory_id, count(*) as uses from event where kind = 'recall' and ts <= $night::timestamp group by memory_id
), state as (
  select m.memory_id, need_of(m.importance, coalesce(u.uses, 0)) as need, coalesce(w.novelty, 0) as novelty, r.tag, f.fate as present,
    t.s_c, t.retrievability, l.memory_id is not null as was_used
  from memory m join trace_at($night) t using (memory_id) join readiness r using (memory_id)
    left join fate f using (memory_id) left join used_at($night) l using (memory_id)
    left join use u using (memory_id) left join working_memory w using (memory_id)
  -- A cycle of the past must not judge what was not yet there.
  where m.created_at <= $night::timestamp and ($only is null or m.memory_id = $only)
    and ($known_event is null or m.memory_id in (select memory_id from event where kind = 'encode' and event_id > $known_event))
), weighed as (
  select *, retain_limit(need) as retained_from, forget_limit(need, novelty) as forgotten_below from state
), decided as (
  select memory_id, case
    -- What the cortex holds needs no replay, so its trace only decays; it stays transferred until a part of it is gone.
    when s_c >= case when present = 'cortical_transfer' then fate_transfer() * fate_transfer_release() else fate_transfer() end
      then {'fate': 'cortical_transfer', 'why': 'replayed until the cortex holds it'}
    when retrievability >= retained_from
      then {'fate': 'hippocampal_retention', 'why': 'still well retrievable' || at_limit(retained_from, need)}
    when was_used then {'fate': 'hippocampal_retention', 'why': 'used lately'}
    when need >= importance_vital() and retrievability >= fate_forget()
      then {'fate': 'hippocampal_retention', 'why': 'much needed' || at_limit(fate_forget(), need)}
    when tag >= tag_threshold() then {'fate': 'hippocampal_retention', 'why': 'tagged by a strong neighbour'}
    when retrievability >= forgotten_below or need >= importance_vital()
      then {'fate': 'gradual_forgetting', 'why': 'retrievability is falling and nothing speaks for it' || at_limit(retained_from, need)}
    else {'fate': 'rapid_forgetting', 'why': 'retrievability fell below the limit' || at_limit(forgotten_below, need)} end as d
  from weighed
)
select d.memory_id, d.d.fate as fate, d.d.why as why, $as_of::timestamp as changed_at,
  case when f.fate = d.d.fate then f.since else $night::timestamp end as since
from decided d left join fate f using (memory_id)
where f.fate is distinct from d.d.fate or f.why is distinct from d.d.why
