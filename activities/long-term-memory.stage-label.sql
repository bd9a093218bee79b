create or replace temp table label as
select unnest(from_json($labels::json, '[{"memory_id": "VARCHAR", "label": "BIGINT"}]'), recursive := true)
