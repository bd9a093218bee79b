update episode set
  title = d.title, level_0_goal = d.goal, level_1_tasks = d.tasks, atomic_actions = d.actions, outcome = d.outcome,
  made_by = d.made_by, changed_at = $as_of::timestamp
from (
  select unnest(from_json($rows::json, '[{"episode_id": "VARCHAR", "title": "VARCHAR", "goal": "VARCHAR",
    "tasks": ["VARCHAR"], "actions": ["VARCHAR"], "outcome": "VARCHAR", "made_by": "VARCHAR"}]'), recursive := true)
) d
where d.episode_id = episode.episode_id
