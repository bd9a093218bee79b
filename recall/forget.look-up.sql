-- What is shown of memories before they are forgotten.
select memory_id, agent, content, created_at from memory where list_contains(from_json($ids, '["VARCHAR"]'), memory_id)
