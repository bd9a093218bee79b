-- Reads the whole table for a few rows, so it is run only when there are some.
insert into source_change by name
select s.*, md5(s.content) as content_hash, r.memory_id is null as is_new
from source_memory s
semi join missed m on m.memory_id = s.memory_id
left join raw_memory r on r.memory_id = s.memory_id
