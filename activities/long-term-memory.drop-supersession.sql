delete from supersession
where newer in (from changed_memory)
  or newer in (select memory_id from raw_memory where deleted_at is not null)
  or older in (select memory_id from raw_memory where deleted_at is not null)
