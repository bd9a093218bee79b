insert into watermark
select $source, c.updated_at, c.memory_id from source_change c
order by c.updated_at desc, c.memory_id desc limit 1
on conflict (source) do update set updated_at = excluded.updated_at, memory_id = excluded.memory_id
where (excluded.updated_at, excluded.memory_id) > (watermark.updated_at, watermark.memory_id)
