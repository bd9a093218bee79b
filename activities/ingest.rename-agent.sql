-- Entities are an agent's own: a memory that has another agent now takes its mentions along.
update mention set agent = r.agent
from raw_memory r
where r.memory_id = mention.memory_id and r.agent <> mention.agent
