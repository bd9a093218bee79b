-- Rows that are due and not here although the watermark has passed them: written with an old time, committed later than the
-- overlap, or put back after a deletion.
create or replace temp table missed as
select memory_id from source_row
where due
  and memory_id not in (select memory_id from raw_memory where deleted_at is null)
  and memory_id not in (select memory_id from source_change)
