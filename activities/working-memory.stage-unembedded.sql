-- Memories that this model has not embedded, or not in their present wording: first what has no vector at all, then what is
-- embedded again; what failed before comes last. In tenths the most important, the oldest. When no model answers, what none
-- has embedded.
create or replace temp table unembedded as
with found as (
  select m.memory_id, m.created_at, m.importance, m.content_hash, coalesce(u.tries, 0) as tries,
    m.memory_id in (select memory_id from embedding) as again
  from memory m
  left join llm_unfit u on u.task = 'embedding' and u.id = m.content_hash and u.made_by = $model
  where coalesce(u.tries, 0) < $most_tries and not exists (
    from embedding e
    where e.memory_id = m.memory_id and e.content_hash = m.content_hash and e.model = coalesce($model, e.model))
)
select memory_id, content_hash, row_number() over (
  order by tries, again, round(importance, 1) desc, created_at, memory_id)::integer as place
from found
