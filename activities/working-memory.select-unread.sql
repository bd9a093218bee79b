-- No more than readers look at: a memory may be a megabyte long.
select r.memory_id as id, u.place, u.why, left(r.content, $read_characters) as content, r.tags, r.content_hash,
  strftime(r.created_at, '%Y-%m-%dT%H:%M:%S.%gZ') as "createdAt"
from (from unread where place > $after and (why <> 'waiting' or $asks) order by place limit $limit) u
join raw_memory r on r.memory_id = u.id
order by u.place
