-- A theme recurs when an entity is mentioned in several episodes on several days by memories of one agent that are kept, and is not so
-- common that it says nothing. Its strength is the importance it gathers times its rarity; the strongest are read for what they say.
create or replace temp table wanted_insight as
with kept as (
  select m.memory_id, m.agent, m.importance, m.created_at, e.episode_id
  from memory m join fate f using (memory_id) join episode_member e using (memory_id)
  where f.fate in ('cortical_transfer', 'hippocampal_retention') and m.importance >= importance_moderate()
), theme as (
  select n.entity, k.agent, arg_min(n.label, (len(n.label), n.label)) as label,
    exact_sum(k.importance) * idf((select count(*) from memory), count(*)) as strength,
    list(k.memory_id order by k.importance desc, k.created_at, k.memory_id) as members
  from kept k join mention n using (memory_id)
  where n.type not in ('date')
  group by n.entity, k.agent
  having count(distinct k.episode_id) >= insight_min_episodes() and count(distinct k.created_at::date) >= insight_min_days()
    and count(*) <= least(insight_common_max(),
      greatest(insight_common_min(), insight_common_share() * (select count(*) from memory)))
)
select md5(entity || ':' || array_to_string(list_sort(members), ',')) as insight_id,
  label as theme, agent, strength, members
from theme
qualify row_number() over (partition by list_sort(members) order by strength desc, entity) = 1
order by strength desc, entity
limit greatest(insight_limit(), insight_candidates())
