select e.episode_id as key, to_json({
  'episode_id': e.episode_id, 'session_id': e.session_id, 'agent': e.agent, 'title': e.title, 'level_0_goal': e.level_0_goal,
  'level_1_tasks': e.level_1_tasks, 'atomic_actions': e.atomic_actions, 'outcome': e.outcome,
  'social_context': e.social_context, 'spatial_context': e.spatial_context,
  'started_at': e.started_at || 'Z', 'ended_at': e.ended_at || 'Z',
  'memory_ids': (select list(p.memory_id order by p.position) from episode_member p where p.episode_id = e.episode_id),
  'made_by': e.made_by, 'as_of': e.changed_at || 'Z' })::varchar as row
from episode e
where (e.changed_at > $since::timestamp or e.changed_at = $as_of::timestamp
    or exists (from rejected_row j where j.step = $step and j.field = 'dreams.short_term_episodes' and j.memory_id = e.episode_id)) and e.episode_id > $after
order by e.episode_id limit $limit
