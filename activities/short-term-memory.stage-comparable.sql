-- The vectors of the model that embedded last (where two did at that time, of whichever has more): those that were compared
-- before, and of the others the oldest, as many as make at most fifty million pairs, which took 10 to 20 s on two cores.
-- Nothing where nothing waits.
--
-- A pair is looked at in one cycle only, when the later of its two has its turn, so all pairs together are half of n².
create or replace temp table comparable as
with present as (
  select model from embedding group by model order by max(changed_at) desc, count(*) desc, model limit 1
), living as (
  select e.memory_id, e.model, e.compared_at is null as fresh, m.created_at
  from embedding e semi join present using (model) join memory m using (memory_id)
), placed as (
  select *, count(*) filter (where fresh) over (order by created_at, memory_id) as turn,
    count(*) filter (where not fresh) over () as compared, count(*) filter (where fresh) over () as waiting
  from living
)
select memory_id, model, fresh, waiting, row_number() over (order by created_at, memory_id)::integer as place
from placed
where waiting > 0 and (not fresh or turn = 1 or turn * (turn + compared) <= 5e7)
