-- Every row's id and whether its time has come: tells what vanished, what waits, and what slipped past the watermark.
create or replace temp table source_row as
select memory_id, timed, timed and coalesce(updated_raw, created_raw) <= $as_of::timestamptz as due from source_memory
