insert or replace into insight_draft by name
select d.insight_id, w.basis, d.content, $rules as made_by
from (select unnest(from_json($rows::json, '[{"insight_id": "VARCHAR", "content": "VARCHAR"}]'), recursive := true)) d
join wanted_insight w using (insight_id)
