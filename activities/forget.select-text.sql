-- The texts that are to be forgotten, as they are held.
select memory_id as id, content, context, metadata::varchar as metadata from raw_memory semi join forgetting using (memory_id)
