select w.insight_id, w.theme, w.strength, list({
    'content': m.gist, 'createdAt': strftime(m.created_at, '%Y-%m-%dT%H:%M:%S.%gZ')
  } order by m.created_at, m.memory_id)::json as memories
from wanted_insight w
join insight_member i using (insight_id)
join memory m using (memory_id)
where w.insight_id not in (select insight_id from insight)
group by w.insight_id, w.theme, w.strength
order by w.insight_id
limit $limit
