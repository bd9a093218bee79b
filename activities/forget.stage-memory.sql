-- What is to be erased, by id and by the hash of its wording.
create or replace temp table forgetting as
select f.memory_id, r.content_hash from forgotten f left join raw_memory r using (memory_id) where f.memory_id is not null
