-- Adds grades to a recall. Unless it is said when they were given, they come as long after the question as they really did: a question
-- may have been asked as of another time than that of the clock.
insert into dreams.recall_events (target, recall_id, kind, memory_id, rank, agent, question_hash, question, asked_at, noted_at)
select e.target, e.recall_id, grade.kind, e.memory_id, e.rank, e.agent, e.question_hash, e.question, e.asked_at,
  greatest(e.asked_at, coalesce($3::timestamptz, e.asked_at + (clock_timestamp() - e.recorded_at)))
from dreams.recall_events e
join unnest($4::text[], $5::text[]) as grade (memory_id, kind) using (memory_id)
where e.target = $1 and e.recall_id = $2 and e.kind = 'recalled'
on conflict do nothing
