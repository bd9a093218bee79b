create table recall.meta as
select $format::integer as format, $cycle_id as cycle_id, $as_of::timestamp as as_of,
  (select max(updated_at) from raw_memory) as newest_at,
  (select model from embedding group by model order by count(*) desc, model limit 1) as model
