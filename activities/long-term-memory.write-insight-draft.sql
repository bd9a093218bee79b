insert or replace into insight_draft by name
select unnest(from_json($rows::json, '[{"theme_id": "VARCHAR", "content": "VARCHAR"}]'), recursive := true), $rules as made_by
