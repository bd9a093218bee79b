select
  (select count(*) from source_change where is_new)::int as ingested,
  (select count(*) from source_change where not is_new)::int as changed,
  (select count(*) from source_row where timed)::int as in_source,
  (select count(*) from source_row where not timed)::int as timeless,
  (select count(*) from raw_memory where deleted_at is null)::int as alive
