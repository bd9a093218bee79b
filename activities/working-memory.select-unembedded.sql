-- The first eight thousand characters, as readers look at them.
select u.memory_id as id, u.place, u.content_hash, left(r.content, 8000) as content
from (from unembedded where place > $after order by place limit $limit) u
join raw_memory r using (memory_id)
order by u.place
