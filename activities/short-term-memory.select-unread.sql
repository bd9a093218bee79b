select u.id, u.place, u.why, list({'content': left(m.content, 2000), 'kind': m.kind} order by p.position)::json as members
from (from unread where place > $after and (why <> 'waiting' or $asks) order by place limit $limit) u
join episode_member p on p.episode_id = u.id
join memory m using (memory_id)
group by u.id, u.place, u.why
order by u.place
