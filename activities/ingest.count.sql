select
  (select count(*) from source_change where is_new)::int as ingested,
  (select count(*) from source_change where not is_new)::int as changed,
  (select count(*) from source_row)::int as in_source,
  (select count(*) from raw_memory where deleted_at is null)::int as alive
