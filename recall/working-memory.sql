-- What each agent attended to last: the memories with a slot in its last window.
with attended as (
  from memory where wm_slot is not null and ($agent is null or agent = $agent)
)
select memory_id as id, content, agent, created_at as "createdAt", window_start as "windowStart", wm_slot as slot,
  attention_priority as priority, kind, importance
from attended semi join (select agent, max(window_start) as window_start from attended group by agent) l using (agent, window_start)
order by window_start desc, agent, wm_slot
