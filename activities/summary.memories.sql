-- Memories by fate, with the measured reasons: the kept ones by what they gathered, the fading ones by what is left of them.
with state as (
  select m.memory_id as id, m.importance, f.fate, f.why, r.tag, t.retrievability,
    (select count(*) from event e where e.memory_id = m.memory_id and e.kind = 'replay') as replays,
    (select count(*) from event e where e.memory_id = m.memory_id and e.kind = 'recall') as uses,
    coalesce(n.degree, 0) as degree
  from memory m join trace_at($as_of) t using (memory_id) join fate f using (memory_id) join readiness r using (memory_id)
  left join network n using (memory_id)
), listed as (
  select *, fate in ('cortical_transfer', 'hippocampal_retention') as kept,
    concat_ws(', ', why, printf('importance %.2f', importance), case when tag > 0 then printf('tag %.2f', tag) end,
      case when uses > 0 then printf('used %d time%s', uses, case uses when 1 then '' else 's' end) end,
      case when replays > 0 then printf('replayed in %d night%s', replays, case replays when 1 then '' else 's' end) end,
      case when degree > 0 then printf('%d association%s', degree, case degree when 1 then '' else 's' end) end) as reasons
  from state
)
select id, fate, retrievability, reasons as why
from listed
where kept = $kept
order by
  case when $kept then fate = 'cortical_transfer' end desc,
  case when $kept then importance * (1 + replays) end desc,
  retrievability, id
limit $limit
