-- Memories whose text has not been read yet, or not in its present wording, oldest first.
select r.memory_id, r.agent, r.content, r.tags, r.content_hash,
  strftime(r.created_at, '%Y-%m-%dT%H:%M:%S.%gZ') as created_at
from raw_memory r
left join feature f using (memory_id)
where r.deleted_at is null and f.content_hash is distinct from r.content_hash
order by r.created_at, r.memory_id
limit 500
