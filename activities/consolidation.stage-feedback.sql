-- What recalls were told since the last fold, as far as it was known by asOf, and what follows. A memory that is not known here, or was
-- deleted, is passed over; one that has not been encoded yet waits.
create or replace temp table feedback_now as
with encoded as (
  select memory_id, min(ts) as first_at from event
  where kind = 'encode' and memory_id in (select memory_id from recall_feedback where folded_in is null)
  group by memory_id
)
select f.recall_id, f.memory_id, f.rank, greatest(f.asked_at, e.first_at) as ts,
  case when f.kind = 'wrong' then 'wrong' when r.memory_id is null then 'passed over' else 'used' end as outcome
from recall_feedback f
left join raw_memory r on r.memory_id = f.memory_id and r.deleted_at is null
left join encoded e on e.memory_id = f.memory_id
where f.folded_in is null and greatest(f.asked_at, f.noted_at) <= $night::timestamp
  and (f.kind = 'wrong' or r.memory_id is null or e.memory_id is not null)
