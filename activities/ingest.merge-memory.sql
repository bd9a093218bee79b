merge into raw_memory using (select *, $as_of::timestamp as changed_at from source_change) as c
on raw_memory.memory_id = c.memory_id
when matched then update set
  agent = c.agent, content = c.content, context = c.context, tags = c.tags, metadata = c.metadata,
  updated_at = c.updated_at, content_hash = c.content_hash, deleted_at = null, changed_at = c.changed_at
when not matched then insert
  (memory_id, agent, content, context, tags, metadata, created_at, updated_at, content_hash, changed_at)
  values (c.memory_id, c.agent, c.content, c.context, c.tags, c.metadata, c.created_at, c.updated_at, c.content_hash,
    c.changed_at)
