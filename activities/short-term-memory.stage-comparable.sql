-- The memories of the model that embedded last (where two did at that time, of whichever has more vectors): those that were compared
-- before, and of the others the oldest, as many as make at most `$most_pairs` pairs of vectors; a long memory has one for each part.
-- Nothing where nothing waits.
--
-- A pair is looked at in one cycle only, when the later of its two has its turn, so all pairs of a scope together are half of n².
-- (Windows with a FILTER, which would need no `total`, took 21 s for a hundred thousand memories; this takes 0.1 s.)
create or replace temp table comparable as
with present as (
  select model from embedding group by model order by max(changed_at) desc, count(*) desc, model limit 1
), embedded as (
  select memory_id, model, bool_or(compared_at is null) as fresh, count(*) as parts
  from embedding semi join present using (model) group by memory_id, model
), living as (
  select e.*, m.created_at, scope_of(m.agent, m.metadata) as scope from embedded e join memory m using (memory_id)
), total as (
  select scope, coalesce(sum(parts) filter (where not fresh), 0) as compared, max(parts) as most from living group by scope
), placed as (
  select *, sum(parts) over (partition by scope, fresh order by created_at, memory_id) as vectors from living
), costed as (
  -- Its vectors with those compared before, and both ways with those of the fresh ones before it.
  select p.*, t.most, row_number() over (partition by fresh order by created_at, memory_id) as turn,
    sum(parts * (t.compared + 2 * p.vectors - p.parts)) over (partition by fresh order by created_at, memory_id) as pairs
  from placed p join total t using (scope)
)
select memory_id, model, scope, fresh, (select count(*) from living where fresh) as waiting, most::integer as most,
  row_number() over (order by created_at, memory_id)::integer as place
from costed
where (select bool_or(fresh) from living) and (not fresh or turn = 1 or pairs <= $most_pairs)
