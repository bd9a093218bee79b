-- Of one model: those of two cannot be compared. None of an older wording.
insert into recall.vector
with wanted as materialized (
  select memory_id, n from publishing join numbered using (memory_id) where part = 'text'
), found as (
  select i.n, m.memory_id, e.part, e.vector,
    greatest(list_max(e.vector), -list_min(e.vector)) as scale, (127 / nullif(scale, 0))::float as factor
  from wanted i
  join (from raw_memory semi join wanted using (memory_id)) m using (memory_id)
  join (from embedding semi join wanted using (memory_id)) e using (memory_id, content_hash)
  where e.model = $model
)
select n, memory_id, part, scale, list_transform(vector, lambda number: coalesce(number * factor, 0)::tinyint)
from found
order by n, part
