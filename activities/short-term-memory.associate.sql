-- Associations come from three bounded generators, each asked for what is fresh only: the k earlier mentions of a shared
-- entity, rare ones counting more; the neighbours in the episode, nearer ones counting more (temporal context model); and the
-- nearest neighbours by meaning, no matter who wrote them, which may come nights later than the memory.
insert into association by name
with stored as (
  select (select count(*) from memory) as n
), entity as (
  select m.entity, count(*) as df, idf(any_value(s.n), count(*)) as rarity
  from mention m cross join stored s
  where m.type <> 'date' and m.entity in (select entity from mention semi join fresh_memory using (memory_id))
  group by m.entity
  having count(*) between 2 and greatest(entity_max_mentions(), sqrt(any_value(s.n)))
), earlier as (
  select m.memory_id as later, e.rarity,
    unnest(list(m.memory_id) over (
      partition by m.entity order by m.created_at, m.memory_id
      rows between entity_prev_k() preceding and 1 preceding)) as earlier
  from mention m join entity e using (entity) semi join memory on memory.memory_id = m.memory_id
), shared as (
  select least(later, earlier) as a, greatest(later, earlier) as b, evidence_entity() * rarity as evidence, 'entity' as generator
  from earlier semi join fresh_memory f on f.memory_id = earlier.later
  where later <> earlier
), beside as (
  select least(x.memory_id, y.memory_id) as a, greatest(x.memory_id, y.memory_id) as b,
    evidence_episode() * pow(tcm_rho(), y.position - x.position) as evidence, 'episode' as generator
  from (select *, unnest(range(1, tcm_max_lag() + 1)) as lag from episode_member) x
  -- Equality in both: a range of positions would compare every pair of an episode of forty thousand.
  join episode_member y on y.episode_id = x.episode_id and y.position = x.position + x.lag
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
select src, dst, w, made_by, 0 as co_activation_count, $as_of::timestamp as last_at, $as_of::timestamp as changed_at
from directed
qualify row_number() over (partition by src order by w desc, dst) <= edge_top_k()
on conflict do nothing
