-- What was replayed at a time, and what has got another fate then; the more important first.
with replayed as (
  select m.memory_id as id, 'replayed' as what, m.content, m.agent, m.created_at as "createdAt", m.why, m.importance
  from event e join memory m using (memory_id) where e.kind = 'replay' and e.ts = $at::timestamp
), changed as (
  select memory_id, fate, content, agent, created_at, why, importance from memory where fate_since = $at::timestamp
)
from (from replayed union all from changed)
qualify row_number() over (partition by what order by importance desc, id) <= $limit
order by what, importance desc, id
