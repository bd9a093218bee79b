-- How many rows wait for the next file.
select count(*)::integer as rows from publishing
