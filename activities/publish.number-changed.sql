-- The same among the additions: what questions look at has a number of its own, where no base comes to; of what is only shown otherwise
-- the base's number stays.
create or replace temp table numbered as
with changed as (
  select distinct memory_id from publishing where part in ('memory', 'trace', 'gone')
), based as (
  select memory_id, n from recall_base.memory semi join changed using (memory_id)
), fresh as (
  select memory_id, (row_number() over (order by agent, created_at, memory_id) + $first_number - 1)::integer as n
  from raw_memory semi join (from publishing where part = 'text') using (memory_id)
)
select memory_id, coalesce(f.n, b.n) as n, b.n as base_n
from changed left join fresh f using (memory_id) left join based b using (memory_id)
where coalesce(f.n, b.n) is not null
