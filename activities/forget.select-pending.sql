select
  (select coalesce(list(memory_id order by memory_id), []) from forgotten where memory_id is not null)::json::varchar as ids,
  (select count(*) from forgotten where rewritten_at is null)::int as unwritten
