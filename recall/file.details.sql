-- What is shown of a memory.
select n, memory_id, agent, content, context, tags, created_at, importance, fate, why, episode_id
from memory
where n = $n
