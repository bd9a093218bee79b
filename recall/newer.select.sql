-- Rows of the agents' table that the file does not have, or has otherwise (`is_known`), the newest first. What a cycle would not take is
-- left out, and what was forgotten.
select memory_id, agent, content, context, tags, created_at, m.memory_id is not null as is_known
from source_memory s left join (select memory_id, row_hash from memory) m using (memory_id)
where fault is null and sha256(memory_id) not in (select id_hash from forgotten)
  and m.row_hash is distinct from row_hash(s.agent, s.content, s.context, s.tags, s.metadata, s.updated_at)
qualify count(*) over (partition by memory_id) = 1
order by written_at desc, memory_id
