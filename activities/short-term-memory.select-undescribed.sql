select e.episode_id, list({'content': left(m.content, 2000), 'kind': m.kind} order by p.position)::json as members
from (from episode where made_by is null order by started_at, episode_id limit $limit) e
join episode_member p using (episode_id)
join memory m using (memory_id)
group by e.episode_id
order by e.episode_id
