-- How many rows wait for the next file, and how many memories the base has about.
select (select count(*)::integer from publishing) as rows, (select count(*)::integer from recall_text) as memories
