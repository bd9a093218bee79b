-- Synaptic tagging (Frey & Morris 1997; Moncada & Viola 2007): a weak memory is tagged by a strong one of the same agent
-- within three τ before or after, if they share an episode or an entity. Only memories near fresh ones are reckoned again.
insert or replace into readiness by name
with scope as (
  select agent, min(created_at) - to_seconds(3 * 3600 * $tag_tau_hours) as since from fresh_memory group by agent
), near as (
  select m.memory_id, m.agent, m.created_at, m.importance, m.arousal, e.episode_id
  from memory m join scope s using (agent) join episode_member e using (memory_id)
  where m.created_at >= s.since - to_seconds(3 * 3600 * $tag_tau_hours)
), strong as (
  select *, greatest(importance, arousal) as strength from near where greatest(importance, arousal) >= 0.7
), pair as (
  select n.memory_id, s.strength * exp(-abs(days_between(n.created_at, s.created_at)) * 24 / $tag_tau_hours) as tag
  from near n
  join strong s on s.agent = n.agent and s.memory_id <> n.memory_id
    and abs(days_between(n.created_at, s.created_at)) * 24 <= 3 * $tag_tau_hours
  where n.episode_id = s.episode_id or exists (
    from mention a join mention b on a.entity = b.entity
    where a.memory_id = n.memory_id and b.memory_id = s.memory_id and a.type not in ('term', 'date'))
), tagged as (
  select n.*, coalesce((select max(p.tag) from pair p where p.memory_id = n.memory_id), 0) as tag,
    (select count(*) from event e where e.memory_id = n.memory_id and e.kind in ('recall', 'restudy')) as uses
  from near n join scope s using (agent) where n.created_at >= s.since
)
select memory_id, tag, $as_of::timestamp as changed_at,
  importance >= 0.7 or tag >= $tag_threshold or uses >= 2 as ready_for_consolidation,
  case when importance >= 0.7 then 'important' when tag >= $tag_threshold then 'tagged by a strong neighbour'
    when uses >= 2 then 'used again' end as why
from tagged
