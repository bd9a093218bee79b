-- Attention is an agent's own: a memory that has another agent now is attended among that one's.
delete from working_memory where exists (
  from raw_memory r where r.memory_id = working_memory.memory_id and r.agent <> working_memory.agent)
