-- Vectors of what is no more; those of other models, once nothing waits for this one; and those of another length than most of
-- their model, which no comparison takes.
delete from embedding
where memory_id not in (select memory_id from memory) or (model <> $model and $waiting = 0)
  or (model, len(vector)) not in (select model, mode(len(vector)) from embedding group by model)
