insert into event by name
with fresh as (
  select m.memory_id, m.created_at, encode_grade(m.importance, w.wm_slot is not null) as grade
  from memory m
  join working_memory w using (memory_id)
  anti join trace t on t.memory_id = m.memory_id
  where not exists (from event e where e.memory_id = m.memory_id)
)
select
  (select coalesce(max(event_id), 0) from event) + row_number() over (order by created_at, memory_id) as event_id,
  memory_id, created_at as ts, 'encode' as kind, grade, $cycle_id as cycle_id
from fresh
