-- What a memory is linked to, the strongest first, what made the link, and what both mention. Of a link that was strengthened since, the weight of
-- that time is not known.
with mentioned as (
  select entity from entity where agent = $agent and memory_id = $id and type <> 'date'
)
select a.dst as id, m.content, m.agent, m.created_at as "createdAt",
  case when a.last_at <= $as_of::timestamp then a.w end as weight,
  case when a.last_at <= $as_of::timestamp then a.co_activation_count end as "activeTogether",
  coalesce(string_split(a.made_by, ', '), []) as "madeBy",
  coalesce(m.episode_id = $episode, false) as "sameEpisode",
  coalesce((
    select list(label order by label) from entity e
    where e.agent = m.agent and e.memory_id = a.dst and e.entity in (from mentioned)), []) as "bothMention"
from association_at($as_of) a join memory m on m.memory_id = a.dst
where a.src = $id and m.created_at <= $as_of::timestamp
order by weight desc nulls last, a.dst
