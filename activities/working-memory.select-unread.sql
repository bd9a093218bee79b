-- Memories whose text has not been read yet, or not in its present wording, oldest first. Readers look at
-- the first eight thousand characters; a memory may be a megabyte long.
select r.memory_id, r.agent, left(r.content, 8000) as content, r.tags, r.content_hash,
  strftime(r.created_at, '%Y-%m-%dT%H:%M:%S.%gZ') as created_at
from raw_memory r
left join feature f using (memory_id)
where r.deleted_at is null and f.content_hash is distinct from r.content_hash
order by r.created_at, r.memory_id
limit $limit
