-- Every id of the agents' table once: tells what vanished, what waits, what slipped past the watermark, and which rows cannot
-- be taken already for their id or their time. What was forgotten on request is not there, whatever the table holds.
create or replace temp table source_row as
select memory_id, count(*)::integer as rows,
  -- A row that is dated in the future waits until then, whenever it was written: nothing would follow it in working memory.
  bool_and(fault is null and greatest(written_at, created_at) <= $as_of::timestamp) as due,
  case when count(*) > 1 and memory_id is not null
    then {'field': 'id', 'reason': 'stands in ' || count(*) || ' rows'} else any_value(fault) end as fault
from source_key
where (select count(*) from forgotten) = 0 or memory_id is null or sha256(memory_id) not in (select id_hash from forgotten)
group by memory_id
