-- The number of each memory in the file: its place among an agent's together, by time.
create or replace temp table numbered as
select memory_id, (row_number() over (order by agent, created_at, memory_id) - 1)::integer as n, null::integer as base_n
from raw_memory semi join (from publishing where part = 'memory') using (memory_id)
