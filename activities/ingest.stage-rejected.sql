-- What this cycle passed over, and of what it did not read again what earlier ones did. Rows without an id count as one entry.
create or replace temp table rejected_now as
with found as (
  select memory_id, fault.field as field, fault.reason as reason, rows from source_row where fault is not null
  union all
  select memory_id, fault.field, fault.reason, 1 from source_change where fault is not null
  union all
  select j.memory_id, j.field, j.reason, 1 from rejected_row j
  semi join source_row k on k.memory_id = j.memory_id and k.fault is null
  where j.step = $step and not $every_row and j.field not in ('id', 'created_at', 'updated_at')
    and j.memory_id not in (select memory_id from source_change)
)
select f.*, coalesce(j.first_seen_at, $as_of::timestamp) as first_seen_at
from found f left join rejected_row j
  on j.step = $step and j.memory_id is not distinct from f.memory_id and j.field = f.field
