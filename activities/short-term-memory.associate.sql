-- Associations come from three bounded generators, each asked for what is fresh only, and within a scope: the k earlier mentions of a
-- shared entity, rare ones counting more; the neighbours in the episode, nearer ones counting more (temporal context model); and the
-- nearest neighbours by meaning, which may come nights later than the memory.
insert into association by name
with named as (
  select m.memory_id, m.entity, m.created_at, scope_of(r.agent, r.metadata) as scope
  from mention m join memory r using (memory_id)
  where m.type <> 'date' and m.entity in (select entity from mention semi join fresh_memory using (memory_id))
    -- Who speaks is in every memory of a talk, and says nothing of any.
    and m.entity not in (select lower(agent) from raw_memory union select lower(speaker) from recall_text where speaker is not null)
), stored as (
  select scope_of(agent, metadata) as scope, count(*) as n from memory group by 1
), entity as (
  select m.scope, m.entity, idf(any_value(s.n), count(*)) as rarity
  from named m join stored s using (scope)
  group by m.scope, m.entity
  having count(*) between 2 and greatest(entity_max_mentions(), sqrt(any_value(s.n)))
), earlier as (
  select m.memory_id as later, e.rarity,
    unnest(list(m.memory_id) over (
      partition by m.scope, m.entity order by m.created_at, m.memory_id
      rows between entity_prev_k() preceding and 1 preceding)) as earlier
  from named m join entity e using (scope, entity)
), shared as (
  select least(later, earlier) as a, greatest(later, earlier) as b, evidence_entity() * rarity as evidence, 'entity' as generator
  from earlier semi join fresh_memory f on f.memory_id = earlier.later
  where later <> earlier
), placed as (
  select e.*, scope_of(m.agent, m.metadata) as scope from episode_member e join memory m using (memory_id)
  where e.episode_id in (select episode_id from episode_member semi join fresh_memory using (memory_id))
), beside as (
  select least(x.memory_id, y.memory_id) as a, greatest(x.memory_id, y.memory_id) as b,
    evidence_episode() * pow(tcm_rho(), y.position - x.position) as evidence, 'episode' as generator
  from (select *, unnest(range(1, tcm_max_lag() + 1)) as lag from placed) x
  -- Equality in both: a range of positions would compare every pair of an episode of forty thousand.
  join placed y on y.episode_id = x.episode_id and y.scope = x.scope and y.position = x.position + x.lag
  where x.memory_id in (from fresh_memory select memory_id) or y.memory_id in (from fresh_memory select memory_id)
), pair as (
  select a, b, first_weight(exact_sum(evidence)) as w,
    concat_ws(', ',
      case when bool_or(generator = 'entity') then 'entity' end,
      case when bool_or(generator = 'episode') then 'episode' end,
      case when bool_or(generator = 'meaning') then 'meaning' end) as made_by
  from (
    from shared union all from beside union all select a, b, evidence_meaning() * cosine, 'meaning' from neighbour)
  group by a, b
), directed as (
  select a as src, b as dst, w, made_by from pair union all select b, a, w, made_by from pair
)
select src, dst, w, made_by, 0 as co_activation_count, $as_of::timestamp as last_at, $as_of::timestamp as changed_at,
  w as first_w, $as_of::timestamp as first_at, 0 as first_count, (select coalesce(max(step), 0) from weight_step) as first_step
from directed
qualify row_number() over (partition by src order by w desc, dst) <= edge_top_k()
on conflict do nothing
