-- As much of each as readers look at.
select u.memory_id as id, u.place, u.content_hash, left(r.content, $read_characters) as content
from (from unembedded where place > $after order by place limit $limit) u
join raw_memory r using (memory_id)
order by u.place
