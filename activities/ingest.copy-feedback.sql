-- A grade stands, so what is here already stays. Infinite times are no times.
insert into recall_feedback by name
select recall_id, memory_id, kind, rank, asked_at at time zone 'UTC' as asked_at, noted_at at time zone 'UTC' as noted_at,
  recorded_at at time zone 'UTC' as recorded_at
from graded_recall
where isfinite(asked_at) and isfinite(noted_at) and isfinite(recorded_at)
qualify row_number() over (partition by recall_id, memory_id order by recorded_at, kind) = 1
on conflict do nothing
