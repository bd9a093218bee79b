-- The memories of the model that embedded last (where two did at that time, of whichever has more vectors): those that were compared
-- before, and of the others the oldest, as many as make at most `$most_pairs` pairs of vectors; a long memory has one for each part.
-- Nothing where nothing waits.
--
-- A pair is looked at in one cycle only, when the later of its two has its turn, so all pairs together are half of n².
-- (Windows with a FILTER, which would need no `total`, took 21 s for a hundred thousand memories; this takes 0.1 s.)
create or replace temp table comparable as
with present as (
  select model from embedding group by model order by max(changed_at) desc, count(*) desc, model limit 1
), embedded as (
  select memory_id, model, bool_or(compared_at is null) as fresh, count(*) as parts
  from embedding semi join present using (model) group by memory_id, model
), living as (
  select e.*, m.created_at from embedded e join memory m using (memory_id)
), placed as (
  select *, row_number() over (partition by fresh order by created_at, memory_id) as turn,
    sum(parts) over (partition by fresh order by created_at, memory_id) as vectors
  from living
), total as (
  select count(*) filter (where fresh) as waiting, coalesce(sum(parts) filter (where not fresh), 0) as compared,
    max(parts) as most
  from living
)
select p.memory_id, p.model, p.fresh, t.waiting, t.most::integer as most,
  row_number() over (order by p.created_at, p.memory_id)::integer as place
from placed p cross join total t
where t.waiting > 0 and (not p.fresh or p.turn = 1 or p.vectors * (p.vectors + t.compared) <= $most_pairs)
