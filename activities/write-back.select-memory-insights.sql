with learned as (
  select g.gist_id as insight_id, 'gist' as kind, g.semantic_category, g.semantic_gist as content, g.made_by, g.changed_at,
    (select list(m.memory_id order by m.position) from gist_member m where m.gist_id = g.gist_id) as memory_ids
  from gist g
  union all
  select i.insight_id, 'insight', i.theme, i.content, i.made_by, i.changed_at,
    (select list(m.memory_id order by m.position) from insight_member m where m.insight_id = i.insight_id)
  from insight i
)
select insight_id as key, to_json({
  'insight_id': insight_id, 'kind': kind, 'semantic_category': semantic_category, 'content': content,
  'memory_ids': memory_ids, 'made_by': made_by, 'as_of': changed_at || 'Z' })::varchar as row
from learned
where insight_id not in (from bereft_learned) and (changed_at > $since::timestamp or changed_at = $as_of::timestamp
    or exists (from rejected_row j where j.step = $step and j.field = 'dreams.memory_insights' and j.memory_id = insight_id)) and insight_id > $after
order by insight_id limit $limit
