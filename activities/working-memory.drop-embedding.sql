-- Vectors of what is no more; of a longer wording before, the parts that the present one lacks; those of other models, once nothing
-- waits for this one; and those of another length than most of their model, which no comparison takes.
delete from embedding
where memory_id not in (select memory_id from memory) or (model <> $model and $waiting = 0)
  or (memory_id, model, content_hash) in (
    select e.memory_id, e.model, e.content_hash
    from embedding e join memory m using (memory_id)
    join embedding present on present.memory_id = e.memory_id and present.model = e.model and present.part = 0
    where e.content_hash <> m.content_hash and present.content_hash = m.content_hash)
  or (model, len(vector)) not in (select model, mode(len(vector)) from embedding group by model)
