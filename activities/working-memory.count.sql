select count(*)::int as encoded, count(*) filter (where w.wm_slot is not null)::int as attended
from event e join working_memory w using (memory_id)
where e.kind = 'encode' and e.cycle_id = $cycle_id
