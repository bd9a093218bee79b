-- What is asked for is noted first: whoever comes after a killed attempt goes on with it. A memory that was forgotten before, or
-- almost, is asked for once more.
insert into forgotten by name
select sha256(memory_id) as id_hash, memory_id, $as_of::timestamp as asked_at
from (select distinct unnest(from_json($ids, '["VARCHAR"]')) as memory_id)
on conflict (id_hash) do update set memory_id = excluded.memory_id, asked_at = excluded.asked_at, erased_at = null, rewritten_at = null
