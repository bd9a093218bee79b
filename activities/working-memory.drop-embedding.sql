-- Vectors of what is no more; and those of other models, once nothing waits for this one.
delete from embedding
where memory_id not in (select memory_id from memory) or (model <> $model and $waiting = 0)
