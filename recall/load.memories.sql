-- What the ranking needs of an agent's memories, or of all of them, in the order of the file: by agent and time.
select memory_id, agent, epoch_ms(created_at)::double as created_at, terms, speaker, tags, asks, tells_time, tells_number, novelty,
  list_transform(dates, lambda day: epoch_ms(day::timestamp) // 86400000)::integer[] as days
from memory
where $agent is null or agent = $agent
order by agent, created_at, memory_id
