insert or replace into gist by name
select unnest(from_json($rows::json, '[{"gist_id": "VARCHAR", "community_id": "VARCHAR", "semantic_gist": "VARCHAR",
  "semantic_category": "VARCHAR", "made_by": "VARCHAR"}]'), recursive := true), $as_of::timestamp as changed_at
