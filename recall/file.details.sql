-- What is shown of some memories; how well each is remembered is as of the question.
select m.memory_id, m.agent, m.content, m.context, m.tags, m.created_at, m.importance, m.fate, m.why, m.episode_id,
  t.retrievability
from memory m
left join trace_at($as_of) t using (memory_id)
where list_contains(from_json($ids, '["VARCHAR"]'), m.memory_id)
