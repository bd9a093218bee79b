-- Memories that were written, reworded or compared by meaning since this step last ran, or by this cycle, which may be one of the past; and
-- those that were found to restate one of them.
create or replace temp table changed_memory as
with since as (
  select coalesce((select max(as_of) from ledger where step = $step), '-infinity'::timestamp) as since
), changed as (
  select memory_id from raw_memory, since where changed_at > since or changed_at = $as_of::timestamp
  union
  select memory_id from embedding, since where compared_at > since or compared_at = $as_of::timestamp
)
select memory_id from changed
union
select newer from supersession where older in (from changed)
