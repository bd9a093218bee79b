-- Themes without an insight; then those whose insight is to be written again: what failed least often, the
-- strongest.
create or replace temp table unread as
with found as (
  select w.insight_id as id, w.strength, coalesce(u.tries, 0) as tries, case
    when i.insight_id is null then 'new'
    when i.made_by like 'rules#%' and i.made_by <> $rules then 'obsolete'
    when i.made_by <> $signature and coalesce(u.tries, 0) < $most_tries then 'waiting' end as why
  from wanted_insight w
  left join insight i using (insight_id)
  left join llm_unfit u on u.task = $task and u.id = w.insight_id and u.made_by = $signature
)
select id, why, row_number() over (order by why <> 'new', case when why <> 'new' then tries end,
  case when why <> 'new' then strength end desc, id)::integer as place
from found where why is not null
