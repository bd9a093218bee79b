-- A theme recurs when an entity is mentioned in three or more episodes on three or more days by memories that are kept, and
-- is not so common that it says nothing (more than a twentieth of all memories, or fifty). Its strength is the importance
-- it gathers times its rarity; the twenty strongest stay.
create or replace temp table wanted_insight as
with kept as (
  select m.memory_id, m.importance, m.created_at, e.episode_id
  from memory m join fate f using (memory_id) join episode_member e using (memory_id)
  where f.fate in ('cortical_transfer', 'hippocampal_retention') and m.importance >= 0.4
), theme as (
  select n.entity, arg_min(n.label, (len(n.label), n.label)) as label,
    exact_sum(k.importance) * idf((select count(*) from memory), count(*)) as strength,
    list(k.memory_id order by k.importance desc, k.created_at, k.memory_id) as members
  from kept k join mention n using (memory_id)
  where n.type not in ('date')
  group by n.entity
  having count(distinct k.episode_id) >= 3 and count(distinct k.created_at::date) >= 3
    and count(*) <= least(50, greatest(20, (select count(*) from memory) / 20))
)
select md5(entity || ':' || array_to_string(list_sort(members), ',')) as insight_id,
  label as theme, strength, members
from theme
qualify row_number() over (partition by list_sort(members) order by strength desc, entity) = 1
order by strength desc, entity
limit 20
