-- An episode whose members or their words changed loses its description, and is described again: a column that is not named would be kept.
insert or replace into episode by name
with formed as (
  select episode_id, any_value(agent) as agent, min(created_at) as started_at, max(created_at) as ended_at,
    count(*)::integer as size, any_value(session_id) as session_id, any_value(boundary) as boundary,
    members_hash_of(memory_id, content_hash, position) as members_hash
  from segment group by episode_id
), context as (
  select s.episode_id,
    list(distinct m.label order by m.label) filter (where m.type = 'person') as people,
    list(distinct m.label order by m.label) filter (where m.type = 'place') as places
  from segment s join mention m using (memory_id) group by s.episode_id
)
select f.*, coalesce(c.people, []) as social_context, coalesce(c.places, []) as spatial_context,
  null as title, null as level_0_goal, null as level_1_tasks, null as atomic_actions, null as outcome, null as made_by,
  $as_of::timestamp as changed_at
from formed f
left join context c using (episode_id)
anti join episode e on e.episode_id = f.episode_id and e.members_hash = f.members_hash
