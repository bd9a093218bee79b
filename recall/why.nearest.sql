-- What somebody may have meant by an id that is not there: first what begins with it, though it is too short to stand for an id.
select memory_id as id from memory order by not starts_with(memory_id, $id), levenshtein(memory_id, $id), memory_id limit 3
