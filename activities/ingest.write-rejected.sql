insert into rejected_row by name
select $step as step, memory_id, field, json_extract_string($columns, '$.' || field) as column_name, reason, rows, first_seen_at,
  $as_of::timestamp as changed_at
from rejected_now
