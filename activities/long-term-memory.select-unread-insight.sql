select u.id, u.place, u.why, w.theme, list_sort(list(distinct m.agent))::json as writers, w.strength, list({
    'content': m.gist, 'kind': m.kind, 'createdAt': strftime(m.created_at, '%Y-%m-%dT%H:%M:%S.%gZ')
  } order by m.created_at, m.memory_id)::json as memories
from (from unread where place > $after and (why <> 'waiting' or $asks) order by place limit $limit) u
join (select *, unnest(members) as memory_id from wanted_insight) w on w.insight_id = u.id
join memory m using (memory_id)
group by u.id, u.place, u.why, w.theme, w.strength
order by u.place
