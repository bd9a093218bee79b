-- Episodes without a description, oldest first; then those that are to be described again: what failed least
-- often, in tenths the most important, the oldest.
create or replace temp table unread as
with weighed as (
  select p.episode_id, max(m.importance) as importance
  from episode_member p join memory m using (memory_id) group by p.episode_id
), found as (
  select e.episode_id as id, e.started_at, w.importance, coalesce(u.tries, 0) as tries, case
    when e.made_by is null then 'new'
    when e.made_by like 'rules#%' and e.made_by <> $rules then 'obsolete'
    when e.made_by <> $signature and coalesce(u.tries, 0) < $most_tries then 'waiting' end as why
  from episode e
  join weighed w using (episode_id)
  left join llm_unfit u on u.task = $task and u.id = e.episode_id and u.made_by = $signature
)
select id, why, row_number() over (order by why <> 'new', case when why <> 'new' then tries end,
  case when why <> 'new' then round(importance, 1) end desc, started_at, id)::integer as place
from found where why is not null
