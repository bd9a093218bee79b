-- Some twenty memories from all over the file.
select memory_id as id from memory
where n % greatest((select count(*) from memory) // 20, 1) = 0
limit 20
