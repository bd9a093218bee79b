-- A theme recurs when an entity is mentioned in several episodes on several days by memories of one scope that are kept, and is not so
-- common that it says nothing. Its strength is the importance it gathers times its rarity; the strongest are read for what they say. An
-- insight rests on what has replaced one of these, or was replaced by it, as well: the same memories in the same words, with
-- the same vectors and replacements, give the same id.
create or replace temp table wanted_insight as
with stored as (
  select scope_of(agent, metadata) as scope, count(*) as n from memory group by 1
), kept as (
  select m.memory_id, scope_of(m.agent, m.metadata) as scope, m.importance, m.created_at, e.episode_id
  from memory m join fate f using (memory_id) join episode_member e using (memory_id)
  where f.fate in ('cortical_transfer', 'hippocampal_retention') and m.importance >= importance_moderate()
), named as (
  select k.*, n.entity, n.label, n.type from kept k join mention n using (memory_id) where n.type not in ('date')
), frequent as (
  -- Few entities are neither too rare nor too common: only of these the memories are listed.
  select entity, scope, any_value(s.n) as stored from named join stored s using (scope)
  group by entity, scope
  having count(*) between insight_min_episodes() and least(insight_common_max(),
      greatest(insight_common_min(), insight_common_share() * any_value(s.n)))
), theme as (
  select n.entity, n.scope, arg_min(n.label, (len(n.label), n.label)) as theme, bool_or(n.type = 'tag') as is_tag,
    exact_sum(n.importance) * idf(any_value(f.stored), count(*)) as strength,
    list(n.memory_id order by n.importance desc, n.created_at, n.memory_id) as named
  from named n join frequent f using (entity, scope)
  group by n.entity, n.scope
  having count(distinct n.episode_id) >= insight_min_episodes() and count(distinct n.created_at::date) >= insight_min_days()
  qualify row_number() over (partition by list_sort(named) order by strength desc, n.entity) = 1
  order by strength desc, n.entity
  limit greatest(insight_limit(), insight_candidates())
), pair as (
  select newer as memory_id, older as other from standing union all select older, newer from standing
), other as (
  select t.entity, t.scope, list(distinct p.other order by p.other) as others
  from (select entity, scope, unnest(named) as memory_id from theme) t join pair p using (memory_id) group by t.entity, t.scope
), chosen as (
  select entity, theme, is_tag, scope, strength,
    list_concat(named, list_filter(coalesce(others, []), lambda one: not list_contains(named, one))) as members
  from theme left join other using (entity, scope)
), part as (
  select entity, scope, unnest(members) as memory_id from chosen
), embedded as (
  select memory_id, string_agg(model, ' ' order by model) as models from embedding semi join part using (memory_id) where part = 0 group by memory_id
), replaced as (
  select newer as memory_id, string_agg(older, ' ' order by older) as older from standing group by newer
), rests as (
  select p.entity, p.scope,
    string_agg(concat_ws(' ', p.memory_id, m.content_hash, e.models, r.older), ',' order by p.memory_id) as rests
  from part p join memory m using (memory_id) left join embedded e using (memory_id) left join replaced r using (memory_id)
  group by p.entity, p.scope
)
select md5(entity || ':' || rests) as insight_id, theme, is_tag, scope, strength, members
from chosen join rests using (entity, scope)
