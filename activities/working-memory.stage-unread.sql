-- Memories whose text has not been read yet, or not in its present wording, oldest first; then those that are to be read
-- again: what failed least often, in tenths the most important, the oldest.
create or replace temp table unread as
with found as (
  select r.memory_id as id, r.created_at, f.importance, coalesce(u.tries, 0) as tries, case
    when f.content_hash is distinct from r.content_hash then 'new'
    when f.made_by like 'rules#%' and f.made_by <> $rules then 'obsolete'
    when f.made_by <> $signature and coalesce(u.tries, 0) < $most_tries then 'waiting' end as why
  from raw_memory r
  left join feature f using (memory_id)
  left join llm_unfit u on u.task = $task and u.id = r.memory_id and u.made_by = $signature
  where r.deleted_at is null
)
select id, why, row_number() over (order by why <> 'new', case when why <> 'new' then tries end,
  case when why <> 'new' then round(importance, 1) end desc, created_at, id)::integer as place
from found where why is not null
