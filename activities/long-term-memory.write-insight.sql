insert or replace into insight by name
select unnest(from_json($rows::json, '[{"insight_id": "VARCHAR", "theme": "VARCHAR", "content": "VARCHAR",
  "strength": "DOUBLE", "made_by": "VARCHAR"}]'), recursive := true), $as_of::timestamp as changed_at
