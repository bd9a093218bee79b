create or replace temp table label as
select memory_id, row_number() over (order by memory_id) as label from node
