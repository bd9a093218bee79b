select memory_id as id, content, agent, created_at from memory where memory_id in (select unnest(from_json($ids, '["VARCHAR"]')))
