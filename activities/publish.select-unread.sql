-- Memories whose wording has not been read for recall yet.
select r.memory_id, r.content_hash, r.content
from raw_memory r
left join recall_text t on t.memory_id = r.memory_id and t.content_hash = r.content_hash and t.version = $version
where r.deleted_at is null and t.memory_id is null
order by r.memory_id
limit $limit
