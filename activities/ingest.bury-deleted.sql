-- A row that vanished from the agents' table leaves a tombstone; every later stage sees only what is alive. So does one that an
-- earlier version took although it cannot be written back: it is taken again when it has been mended.
update raw_memory set deleted_at = $as_of::timestamp, changed_at = $as_of::timestamp
where deleted_at is null
  and (memory_id not in (select memory_id from source_row where memory_id is not null)
    or unstorable_name(memory_id) is not null or unstorable_name(agent) is not null or contains(content, chr(0)))
