insert or replace into feature by name
select unnest(from_json($rows::json, '[{"memory_id": "VARCHAR", "content_hash": "VARCHAR", "kind": "VARCHAR",
  "importance": "DOUBLE", "urgency": "DOUBLE", "arousal": "DOUBLE", "valence": "DOUBLE", "gist": "VARCHAR",
  "dates": ["VARCHAR"], "made_by": "VARCHAR"}]'), recursive := true), $as_of::timestamp as changed_at
