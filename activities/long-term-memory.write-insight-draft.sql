insert or replace into insight_draft by name
select d.theme_id, w.basis, d.content, $rules as made_by
from (select unnest(from_json($rows::json, '[{"theme_id": "VARCHAR", "content": "VARCHAR"}]'), recursive := true)) d
join wanted_insight w on w.insight_id = d.theme_id
