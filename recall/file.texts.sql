-- The contents of some memories; the bounds are for the same reason as in file.details.sql.
select n, content from memory
where n between $first and $last and n in (select unnest(from_json($numbers, '["INTEGER"]')))
