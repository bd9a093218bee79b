-- What somebody may have meant by an id that is not there.
select memory_id as id from memory order by levenshtein(memory_id, $id), memory_id limit 3
