-- Memories whose wording has not been read for recall yet: of those that were changed since the base was made, or of all.
select r.memory_id, r.content_hash, r.content
from (from raw_memory where deleted_at is null and ($whole or changed_at in (select as_of from changed_cycle))) r
left join recall_text t on t.memory_id = r.memory_id and t.content_hash = r.content_hash and t.version = $version
where t.memory_id is null
order by r.memory_id
limit $limit
