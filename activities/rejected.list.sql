select left(replace(memory_id, chr(0), '�'), 100) as id, column_name as "column", reason, rows from rejected_row
where list_contains(from_json($steps::json, '["VARCHAR"]'), step)
order by first_seen_at desc, memory_id nulls first, column_name limit $limit
