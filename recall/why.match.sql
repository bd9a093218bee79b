-- The memory of an id, or those whose ids begin with it.
select memory_id as id from memory
where memory_id = $id or ($as_prefix and starts_with(memory_id, $id))
order by memory_id <> $id, memory_id
limit 4
