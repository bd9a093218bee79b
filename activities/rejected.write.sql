-- By the name of the agents' column, or of a table of schema dreams, and since when: what was there before keeps its time.
insert into rejected_row by name
with rejected as (
  select unnest(from_json($rejected::json, '[{"id": "VARCHAR", "reason": "VARCHAR"}]'), recursive := true)
)
select $step as step, id as memory_id, $field as field, $field as column_name, reason, 1 as rows,
  $as_of::timestamp as first_seen_at, $as_of::timestamp as changed_at
from rejected
