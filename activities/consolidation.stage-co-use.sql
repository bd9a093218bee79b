-- Memories of one scope that were of use to the same recall were active together. Of one answer the first places alone associate, which bounds the
-- pairs of a recall; a pair is found when the second of the two is told, whether that is at once or in a later cycle.
create or replace temp table coactive as
with member as (
  select f.recall_id, f.memory_id, f.asked_at, scope_of(m.agent, m.metadata) as scope, n.memory_id is not null as is_new
  from recall_feedback f
  join memory m on m.memory_id = f.memory_id
  left join feedback_now n on n.recall_id = f.recall_id and n.memory_id = f.memory_id
  where f.kind = 'used' and f.rank <= co_use_ranks() and (f.folded_in is not null or n.memory_id is not null)
    and f.recall_id in (select recall_id from feedback_now where outcome = 'used')
)
select x.memory_id as src, y.memory_id as dst, x.asked_at as ts, co_use_activation() as activation
from member x join member y on y.recall_id = x.recall_id and y.scope = x.scope and y.memory_id <> x.memory_id
where x.is_new or y.is_new
