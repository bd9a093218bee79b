select memory_id, content from raw_memory semi join changed_memory using (memory_id)
where deleted_at is null and memory_id > $after
order by memory_id
limit $limit
