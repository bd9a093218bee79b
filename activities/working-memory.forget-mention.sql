delete from mention where memory_id in (
  select memory_id from (select unnest(from_json($rows::json, '[{"memory_id": "VARCHAR"}]'), recursive := true)))
