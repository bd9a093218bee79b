select
  (select count(*) from source_change where is_new)::int as ingested,
  (select count(*) from source_change where not is_new)::int as changed,
  (select count(*) from source_row where fault is null and not due
    and memory_id not in (select memory_id from raw_memory where deleted_at is null))::int as waiting
