-- A memory that its agent wrote again: its clock restarts. One that was only put back was not written again.
-- Nothing comes before a memory's encoding, with which the fold begins.
insert into event by name
select
  (select coalesce(max(event_id), 0) from event) + row_number() over (order by greatest(c.updated_at, t.first_at), c.memory_id) as event_id,
  c.memory_id, greatest(c.updated_at, t.first_at) as ts, 'restudy' as kind, $cycle_id as cycle_id
from source_change c
join trace t using (memory_id)
join raw_memory r using (memory_id)
where r.updated_at <> c.updated_at or r.content_hash <> c.content_hash
