insert into mention by name
with found as (
  select unnest(from_json($mentions::json, '[{"memory_id": "VARCHAR", "entity": "VARCHAR", "label": "VARCHAR",
    "type": "VARCHAR"}]'), recursive := true)
)
select f.memory_id, r.agent, f.entity, f.label, f.type, r.created_at
from found f join raw_memory r using (memory_id)
