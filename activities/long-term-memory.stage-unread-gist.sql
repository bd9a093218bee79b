-- Communities without a gist; then those whose gist is to be written again: what failed least often, the largest.
create or replace temp table unread as
with found as (
  select w.gist_id as id, len(w.members) as size, coalesce(u.tries, 0) as tries, case
    when g.gist_id is null then 'new'
    when g.made_by like 'rules#%' and g.made_by <> $rules then 'obsolete'
    when g.made_by <> $signature and coalesce(u.tries, 0) < $most_tries then 'waiting' end as why
  from wanted_gist w
  left join gist g using (gist_id)
  left join llm_unfit u on u.task = $task and u.id = w.gist_id and u.made_by = $signature
)
select id, why, row_number() over (order by why <> 'new', case when why <> 'new' then tries end,
  case when why <> 'new' then size end desc, id)::integer as place
from found where why is not null
