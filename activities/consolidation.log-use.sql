-- A memory that was of use to a recall was recalled, when the question was asked. One that was only shown was not, and one that was wrong
-- tells of the question, not of the memory: neither has an event.
insert into event by name
select (select coalesce(max(event_id), 0) from event) + row_number() over (order by ts, memory_id, recall_id) as event_id,
  memory_id, ts, 'recall' as kind, use_grade() as grade, $cycle_id as cycle_id
from feedback_now where outcome = 'used'
