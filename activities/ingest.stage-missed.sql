-- Rows that are due and not here although the watermark has passed them: written with an old time, committed later than the
-- overlap, put back after a deletion, or only now with an id or a time of use. What was passed over for its content waits for
-- the next comparison of all rows, or for its clock to move.
create or replace temp table missed as
select memory_id from source_row
where due and fault is null
  and memory_id not in (select memory_id from raw_memory where deleted_at is null)
  and memory_id not in (select memory_id from source_change)
  and not exists (from rejected_row j where j.step = $step and j.memory_id = source_row.memory_id
    and j.field not in ('id', 'created_at', 'updated_at'))
