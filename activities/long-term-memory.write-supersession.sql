insert or replace into supersession by name
select unnest(from_json($rows, '[{"newer": "VARCHAR", "older": "VARCHAR", "sentence": "VARCHAR", "score": "DOUBLE",
  "made_by": "VARCHAR"}]'), recursive := true), $as_of::timestamp as changed_at
