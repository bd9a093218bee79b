-- Which of the ids anything is known of, and whether it is forgotten already, to the last byte.
select memory_id, sha256(memory_id) in (select id_hash from forgotten where rewritten_at is not null) as forgotten
from (select distinct unnest(from_json($ids, '["VARCHAR"]')) as memory_id)
where sha256(memory_id) in (select id_hash from forgotten)
  or memory_id in (select memory_id from raw_memory) or memory_id in (select memory_id from rejected_row)
