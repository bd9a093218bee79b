-- One memory with its session, its episode and its community.
with own as (
  from memory where memory_id = $id
), own_episode as (
  from episode where episode_id = (select episode_id from own)
), session as (
  select session_id, min(started_at) as started_at, max(ended_at) as ended_at, sum(size)::integer as size, count(*)::integer as episodes
  from episode where session_id = (select session_id from own_episode) group by session_id
)
select o.memory_id as id, o.content, o.agent, o.created_at as "createdAt", o.context, o.tags, o.kind, o.importance,
  o.wm_slot is not null as attended,
  case when o.fate_since <= $as_of::timestamp then {'name': o.fate, 'why': o.why, 'since': o.fate_since} end as fate,
  case when s.session_id is not null then {'id': s.session_id, 'startedAt': s.started_at, 'endedAt': s.ended_at, 'size': s.size,
    'episodes': s.episodes} end as session,
  case when e.episode_id is not null then {'id': e.episode_id, 'title': e.title, 'goal': e.level_0_goal, 'outcome': e.outcome,
    'startedAt': e.started_at, 'endedAt': e.ended_at, 'size': e.size} end as episode,
  case when o.community_id is not null then {'id': o.community_id, 'size':
    (select count(*)::integer from memory where community_id = o.community_id)} end as community
from own o left join own_episode e on true left join session s on true
