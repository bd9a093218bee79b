-- One row for each memory, in the order in which a reader takes them: an agent's together, by time. n is its place in this order: five
-- memories are found by it in 2 ms among 100,000 and in 3 ms among a million, by memory_id in 4 to 75.
create table recall.memory as
select row_number() over (order by m.agent, m.created_at, m.memory_id)::integer - 1 as n, m.memory_id, m.agent, m.content, m.context,
  m.tags, m.metadata, m.created_at, m.updated_at, m.kind, m.importance,
  x.terms, x.speaker, x.asks, x.tells_time, x.tells_number, x.wording,
  coalesce(w.novelty, 0) as novelty, f.dates,
  w.window_start, w.wm_slot, w.attention_priority,
  a.fate, a.why, a.since as fate_since, e.episode_id, n.community_id
from memory m
join recall_text x using (memory_id)
join feature f using (memory_id)
left join working_memory w using (memory_id)
left join fate a using (memory_id)
left join episode_member e using (memory_id)
left join network n using (memory_id)
order by m.agent, m.created_at, m.memory_id
