-- One row for each memory, in the order in which a reader takes them. n is its place in this order: five memories are found by it in 2 ms
-- among 100,000 and in 3 ms among a million, by memory_id in 4 to 75. Each table is narrowed before it is joined: of 100,000 memories
-- with 100 new ones the join alone took 150 ms of CPU, this takes 10.
create table recall.memory as
with wanted as materialized (
  select memory_id, n from publishing join numbered using (memory_id) where part = 'memory'
)
select i.n, m.memory_id, m.agent, m.content, m.context, m.tags, m.metadata, m.created_at, m.updated_at,
  row_hash(m.agent, m.content, m.context, m.tags, m.metadata, m.updated_at) as row_hash, f.kind, f.importance,
  x.terms, x.speaker, x.asks, x.tells_time, x.tells_number, x.wording,
  coalesce(w.novelty, 0) as novelty, f.dates,
  w.window_start, w.wm_slot, w.attention_priority,
  a.fate, a.why, a.since as fate_since, e.episode_id, c.community_id
from wanted i
join (from raw_memory semi join wanted using (memory_id)) m using (memory_id)
join (from recall_text semi join wanted using (memory_id)) x using (memory_id)
join (from feature semi join wanted using (memory_id)) f using (memory_id)
left join (from working_memory semi join wanted using (memory_id)) w using (memory_id)
left join (from fate semi join wanted using (memory_id)) a using (memory_id)
left join (from episode_member semi join wanted using (memory_id)) e using (memory_id)
left join (from network semi join wanted using (memory_id)) c using (memory_id)
order by i.n
