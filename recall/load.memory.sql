-- What the ranking needs of an agent's memories, or of all of them, in the order of the file: by agent and time.
select n, epoch_ms(created_at)::double as created_at, asks::utinyint + 2 * tells_time::utinyint + 4 * tells_number::utinyint as flags,
  novelty::double as novelty, wording::double as wording, terms,
  list_transform(dates, lambda day: epoch_ms(day::timestamp) // 86400000)::integer[] as days
from memory
where $agent is null or agent = $agent
order by n
