with state as (
  select m.memory_id, m.agent, m.content, m.importance, m.created_at, f.fate, f.why, t.stability, t.difficulty, t.last_at,
    n.community_id, n.centrality,
    t.retrievability, t.s_h, t.s_c, t.consolidation_state
  from memory m join trace_at($as_of) t using (memory_id) join fate f using (memory_id) left join network n using (memory_id)
    join feature a using (memory_id)
  where (greatest(t.changed_at, f.changed_at, m.changed_at, n.changed_at, a.changed_at) > $since::timestamp
      or greatest(t.changed_at, f.changed_at, m.changed_at, n.changed_at, a.changed_at) = $as_of::timestamp
      or exists (from rejected_row j where j.step = $step and j.field = 'dreams.long_term_memories' and j.memory_id = m.memory_id))
    and m.memory_id > $after
  -- Up to the row that fills the page: a memory may be a megabyte long.
  qualify coalesce(sum(strlen(m.content)) over (
    order by m.memory_id rows between unbounded preceding and 1 preceding), 0) < $page_bytes
  order by m.memory_id limit $limit
)
select memory_id as key, to_json({
  'memory_id': memory_id, 'agent': agent, 'content': content, 'consolidation_fate': fate, 'why': why,
  'importance_score': importance, 'stability': stability, 'difficulty': difficulty,
  'retrieval_strength': retrievability, 's_h': s_h, 's_c': s_c,
  'consolidation_state': consolidation_state, 'memory_fidelity': memory_fidelity(retrievability),
  'memory_age': memory_age(days_between(created_at, $as_of)), 'minicolumn_id': community_id, 'centrality': centrality,
  'created_at': created_at || 'Z', 'last_at': last_at || 'Z', 'as_of': $as_of })::varchar as row
from state
order by memory_id
