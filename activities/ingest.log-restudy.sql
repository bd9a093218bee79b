-- A memory that its agent wrote again: its clock restarts, at the time of writing, or where no clock shows that now. One that
-- was only put back was not written again. Nothing comes before a memory's encoding, with which the fold begins.
insert into event by name
with rewritten as (
  select c.memory_id, greatest(case when r.updated_at <> c.updated_at then c.updated_at else $as_of::timestamp end, t.first_at) as ts
  from source_change c
  join trace t using (memory_id)
  join raw_memory r using (memory_id)
  where r.updated_at <> c.updated_at or r.content_hash <> c.content_hash
)
select (select coalesce(max(event_id), 0) from event) + row_number() over (order by ts, memory_id) as event_id,
  memory_id, ts, 'restudy' as kind, $cycle_id as cycle_id
from rewritten
