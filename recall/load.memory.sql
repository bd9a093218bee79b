-- What the ranking needs of memories, in the order of the table, which is that of n.
select n, epoch_ms(created_at)::double as created_at, asks::utinyint + 2 * tells_time::utinyint + 4 * tells_number::utinyint as flags,
  novelty::double as novelty, wording::double as wording, terms,
  list_transform(dates, lambda day: epoch_ms(day::timestamp) // 86400000)::integer[] as days
from memory
where n between $first and $last
