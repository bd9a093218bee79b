-- Prompts that the step may still make: one, and so many for each memory that came in the last thirty days, less those that
-- the same model was asked in that time and answered.
select (1 + $per_memory * (
    select count(*) from raw_memory
    where changed_at > $as_of::timestamp - interval 30 day and changed_at <= $as_of::timestamp)
  - (select coalesce(sum(calls - failed), 0) from llm_usage
    where step = $step and reader = $reader and cycle_id::timestamp > $as_of::timestamp - interval 30 day
      and cycle_id::timestamp <= $as_of::timestamp))::double as prompts
