-- A row that vanished from the agents' table leaves a tombstone; every later stage sees only what is alive.
update raw_memory set deleted_at = $as_of::timestamp, changed_at = $as_of::timestamp
where deleted_at is null
  and memory_id not in (select memory_id from source_row)
