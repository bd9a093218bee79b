-- Who brings a memory back has looked for it and wants it: the grade of what was confirmed.
insert into event by name
select (select coalesce(max(event_id), 0) from event) + 1 as event_id, $memory_id as memory_id, $as_of::timestamp as ts,
  'recall' as kind, 4 as grade, $cycle_id as cycle_id
