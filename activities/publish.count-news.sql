-- Whether the cycles that are not in the recall file yet have written anything, and whose vectors a file has: of two models those
-- of the one that has embedded more. And how many memories the next file has about.
with cycle as (
  select as_of from changed_cycle where not published
), changed as (
  select changed_at from raw_memory union all select changed_at from feature union all select changed_at from embedding
  union all select changed_at from trace union all select changed_at from fate union all select changed_at from association
  union all select changed_at from episode union all select changed_at from network union all select changed_at from gist
  union all select changed_at from insight
)
select (select count(*)::integer from changed where changed_at in (from cycle)) as news,
  (select model from embedding group by model order by count(*) desc, model limit 1) as model,
  (select count(*)::integer from recall_text) as memories
