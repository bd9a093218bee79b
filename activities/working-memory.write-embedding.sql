-- A new vector has not been compared with any other, even where it takes the place of one that was.
insert or replace into embedding by name
select found.memory_id, $model as model, found.part, found.content_hash, found.vector, null::timestamp as compared_at,
  $as_of::timestamp as changed_at
from (
  select unnest(from_json($rows::json, '[{"memory_id": "VARCHAR", "part": "INTEGER",
    "content_hash": "VARCHAR", "vector": ["FLOAT"]}]')) as found)
