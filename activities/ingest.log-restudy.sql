-- A memory that its agent wrote again: its clock restarts.
insert into event by name
select
  (select coalesce(max(event_id), 0) from event) + row_number() over (order by c.updated_at, c.memory_id) as event_id,
  c.memory_id, c.updated_at as ts, 'restudy' as kind, $cycle_id as cycle_id
from source_change c
join trace t using (memory_id)
where not c.is_new
