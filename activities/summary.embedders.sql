-- Which model embedded how many memories.
select model, count(distinct memory_id)::int as memories from embedding group by model order by memories desc, model
