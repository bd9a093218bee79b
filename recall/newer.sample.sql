-- Some of the memories, from all over the file, `$most` at most.
select memory_id as id from memory
where n % greatest(ceil((select count(*) from memory) / $most)::bigint, 1) = 0
limit $most
