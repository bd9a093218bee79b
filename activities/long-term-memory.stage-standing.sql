-- What holds now in place of what: of all that restates one memory the newest, unless it has been restated itself.
create or replace temp table standing as
select s.newer, s.older, s.sentence, s.score
from supersession s join raw_memory n on n.memory_id = s.newer join raw_memory o on o.memory_id = s.older
where n.deleted_at is null and o.deleted_at is null
  and scope_of(n.agent, n.metadata) = scope_of(o.agent, o.metadata) and s.newer not in (select older from supersession)
qualify row_number() over (partition by s.older order by n.created_at desc, s.newer) = 1
