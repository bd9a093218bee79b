select w.memory_id as key, to_json({
  'memory_id': w.memory_id, 'agent': w.agent, 'content': m.content, 'window_start': w.window_start || 'Z',
  'wm_slot': w.wm_slot, 'capacity': w.capacity, 'attention_priority': w.attention_priority,
  'recency_weight': w.recency_weight, 'importance_score': m.importance, 'urgency_score': m.urgency,
  'emotional_salience': m.arousal, 'as_of': w.changed_at || 'Z' })::varchar as row
from working_memory w join memory m using (memory_id)
where w.wm_slot is not null and (w.changed_at > $since::timestamp or w.changed_at = $as_of::timestamp
    or exists (from rejected_row j where j.step = $step and j.field = 'dreams.working_memory' and j.memory_id = w.memory_id))
  and w.memory_id > $after
-- Up to the row that fills the page: a memory may be a megabyte long.
qualify coalesce(sum(strlen(m.content)) over (
  order by w.memory_id rows between unbounded preceding and 1 preceding), 0) < $page_bytes
order by w.memory_id limit $limit
