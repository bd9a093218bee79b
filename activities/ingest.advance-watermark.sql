-- By the time of writing: a memory that is dated in the future must not make us deaf to what is written until then.
insert into watermark
select $source, c.written_at, c.memory_id from source_change c
order by c.written_at desc, c.memory_id desc limit 1
on conflict (source) do update set updated_at = excluded.updated_at, memory_id = excluded.memory_id
where (excluded.updated_at, excluded.memory_id) > (watermark.updated_at, watermark.memory_id)
