with listed as (
  select *, row_number() over (order by step, memory_id nulls first, column_name)::integer as position from rejected_row
)
select lpad(position::varchar, 6, '0') as key, to_json({
  'position': position, 'step': step, 'memory_id': left(replace(memory_id, chr(0), '�'), 1000), 'column_name': column_name,
  'reason': reason, 'rows': rows, 'first_seen_at': first_seen_at || 'Z', 'as_of': changed_at || 'Z' })::varchar as row
from listed
where position <= 10000 and lpad(position::varchar, 6, '0') > $after
order by key limit $limit
