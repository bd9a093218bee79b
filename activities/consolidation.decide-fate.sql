-- Of every memory; of one only; or of those that were encoded after an event, where they live a night that the others have lived.
insert or replace into fate by name
with state as (
  select m.memory_id, m.importance, r.tag, f.fate as present, t.s_c, t.retrievability, u.memory_id is not null as was_used
  from memory m join trace_at($night) t using (memory_id) join readiness r using (memory_id)
    left join fate f using (memory_id) left join used_at($night) u using (memory_id)
  -- A cycle of the past must not judge what was not yet there.
  where m.created_at <= $night::timestamp and ($only is null or m.memory_id = $only)
    and ($known_event is null or m.memory_id in (select memory_id from event where kind = 'encode' and event_id > $known_event))
), decided as (
  select memory_id, case
    -- What the cortex holds needs no replay, so its trace only decays; it stays transferred until a part of it is gone.
    when s_c >= case when present = 'cortical_transfer' then fate_transfer() * fate_transfer_release() else fate_transfer() end
      then {'fate': 'cortical_transfer', 'why': 'replayed until the cortex holds it'}
    when retrievability >= fate_retain() then {'fate': 'hippocampal_retention', 'why': 'still well retrievable'}
    when was_used then {'fate': 'hippocampal_retention', 'why': 'used lately'}
    when importance >= importance_vital() and retrievability >= fate_forget() then {'fate': 'hippocampal_retention', 'why': 'important'}
    when tag >= tag_threshold() then {'fate': 'hippocampal_retention', 'why': 'tagged by a strong neighbour'}
    when retrievability >= fate_forget() or importance >= importance_vital()
      then {'fate': 'gradual_forgetting', 'why': 'retrievability is falling and nothing speaks for it'}
    else {'fate': 'rapid_forgetting', 'why': 'retrievability fell below the limit'} end as d
  from state
)
select d.memory_id, d.d.fate as fate, d.d.why as why, $as_of::timestamp as changed_at,
  case when f.fate = d.d.fate then f.since else $night::timestamp end as since
from decided d left join fate f using (memory_id)
where f.fate is distinct from d.d.fate or f.why is distinct from d.d.why
