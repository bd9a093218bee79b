delete from recall_text where memory_id in (select memory_id from raw_memory where deleted_at is not null)
