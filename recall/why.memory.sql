-- One memory with its episode, its community and its session: a run of its agent's memories without a longer silence.
with own as (
  from memory where memory_id = $id
), beside as (
  select created_at, memory_id,
    coalesce(created_at - lag(created_at) over (order by created_at, memory_id) > to_milliseconds($silence_ms), true) as opens
  from memory where agent = (select agent from own) and created_at <= $as_of::timestamp
), numbered as (
  select *, count_if(opens) over (order by created_at, memory_id) as number from beside
), session as (
  select min(created_at) as started_at, max(created_at) as ended_at, count(*)::integer as size
  from numbered where number = (select number from numbered where memory_id = $id)
)
select o.memory_id as id, o.content, o.agent, o.created_at as "createdAt", o.context, o.tags, o.kind, o.importance,
  o.wm_slot is not null as attended,
  case when o.fate_since <= $as_of::timestamp then {'name': o.fate, 'why': o.why, 'since': o.fate_since} end as fate,
  case when s.size > 0 then {'startedAt': s.started_at, 'endedAt': s.ended_at, 'size': s.size} end as session,
  case when e.episode_id is not null then {'id': e.episode_id, 'title': e.title, 'goal': e.level_0_goal, 'outcome': e.outcome,
    'startedAt': e.started_at, 'endedAt': e.ended_at, 'size': e.size} end as episode,
  case when o.community_id is not null then {'id': o.community_id, 'size':
    (select count(*)::integer from memory where community_id = o.community_id)} end as community
from own o left join episode e using (episode_id) cross join session s
