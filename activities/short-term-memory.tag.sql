-- Synaptic tagging (Frey & Morris 1997; Moncada & Viola 2007): a weak memory is tagged by a strong one of the same agent
-- within reach before or after, if they share an episode or an entity. Tags compete: of an agent's memories of a week, from Monday in
-- UTC, a share keeps its tag, the most important first, so that what is saved is what will be asked for. Only weeks with fresh memories
-- in reach are reckoned again.
--
-- strength * exp(-|Δt| / τ) is largest where ln(strength) ± t/τ is, which a moving maximum finds: pairing each memory with
-- each strong one near it took ten minutes for forty thousand memories of one day, this takes seconds.
insert or replace into readiness by name
with scope as (
  select agent, date_trunc('week', min(created_at) - tag_reach())::timestamp as since from fresh_memory group by agent
), near as (
  select m.memory_id, m.agent, m.created_at, m.importance, m.arousal, e.episode_id, m.created_at >= s.since as in_scope,
    epoch_us(m.created_at) / (3600e6 * tag_tau_hours()) as t,
    case when greatest(m.importance, m.arousal) >= importance_strong() then ln(greatest(m.importance, m.arousal)) end as strength
  from memory m join scope s using (agent) join episode_member e using (memory_id)
  where m.created_at >= s.since - tag_reach()
), shared as (
  select memory_id, agent, created_at, t, strength, episode_id as common from near
  union all
  select distinct n.memory_id, n.agent, n.created_at, n.t, n.strength, 'entity ' || m.entity
  from near n join mention m using (memory_id) where m.type not in ('term', 'date')
), strongest as (
  select memory_id, t, max(strength + t) over earlier - t as earlier, max(strength - t) over later + t as later
  from shared
  window earlier as (partition by agent, common order by created_at
      range between tag_reach() preceding and current row exclude current row),
    later as (partition by agent, common order by created_at
      range between current row and tag_reach() following exclude current row)
), lent as (
  select n.memory_id, n.agent, n.created_at, n.importance, coalesce(exp(max(greatest(s.earlier, s.later))), 0) as lent
  from near n join strongest s using (memory_id) where n.in_scope
  group by all
), competing as (
  select *, lent >= tag_threshold() and importance < importance_strong() as competes,
    date_trunc('week', created_at) as week
  from lent
), tagged as (
  -- What is strong by itself needs no tag, and what lost the competition has none.
  select memory_id, importance, case
      when importance >= importance_strong() then 0
      when competes and row_number() over (partition by agent, week, competes order by importance desc, lent desc, memory_id)
        > floor(tag_share() * count(*) over (partition by agent, week)) then 0
      else lent end as tag,
    (select count(*) from event e where e.memory_id = l.memory_id and e.kind = 'recall') as recalls,
    (select count(*) from event e where e.memory_id = l.memory_id and e.kind = 'restudy') as restudies
  from competing l
), judged as (
  select memory_id, tag,
    recalls > 0 or importance >= importance_strong() or tag >= tag_threshold() or restudies >= ready_uses() as ready_for_consolidation,
    -- Nothing tells better what will be needed than that it was of use.
    case when recalls > 0 then 'used' when importance >= importance_strong() then 'important'
      when tag >= tag_threshold() then 'tagged by a strong neighbour' when restudies >= ready_uses() then 'used again' end as why
  from tagged
)
-- What is as it was is not news: it would be published again.
select j.*, $as_of::timestamp as changed_at
from judged j left join readiness r using (memory_id)
where r.memory_id is null or r.tag <> j.tag or r.ready_for_consolidation <> j.ready_for_consolidation or r.why is distinct from j.why
