-- The night's replays: gain x need (Mattar & Daw 2018) among memories that are ready and neither transferred nor fading.
-- Need is a walk with restart from the current goals (the successor representation), in sleep mixed with centrality. What was of use to
-- a recall lately is the best sign of need: it is replayed although it fades, and once before anything else.
create or replace temp table replay as
with recursive known as materialized (
  select memory_id, kind, importance, created_at from memory where created_at <= $night::timestamp
), link as materialized (
  select a.src, a.dst, a.w
  from association_at($night) a
  semi join known on known.memory_id = a.src
  semi join known other on other.memory_id = a.dst
), strength as (
  -- After years without a night what a memory's links weigh in all is less than any decimal: nothing is left to walk along.
  select src, exact_sum(w) as w from link group by src having exact_sum(w) > 0
), probability as materialized (
  select l.src, l.dst, l.w / s.w as p from link l join strength s using (src)
), goal as materialized (
  select memory_id, 1.0 / count(*) over () as p
  from (
    select w.memory_id from working_memory w join known m using (memory_id)
    where w.wm_slot is not null
    order by m.kind in ('goal', 'task') desc, m.created_at desc, w.memory_id limit replay_goals())
), walk(step, memory_id, mass) as (
  select 0, memory_id, p::double from goal
  union all
  select step + 1, memory_id, exact_sum(mass) from (
    select w.step, p.dst as memory_id, ppr_damping() * w.mass * p.p as mass
    from walk w join probability p on p.src = w.memory_id
    where w.step < ppr_steps())
  group by step, memory_id
), need as (
  select memory_id, (1 - ppr_damping()) * exact_sum(mass) as need from walk group by memory_id
), candidate as (
  select m.memory_id, m.importance, t.stability, t.difficulty, t.idle, t.retrievability,
    coalesce(u.unreplayed, false) as was_used, coalesce(n.need, 0) as from_goals,
    coalesce(c.centrality, centrality_restart() / (select count(*) from known)) as central
  from known m
  join trace_at($night) t using (memory_id)
  join readiness r using (memory_id)
  left join fate f using (memory_id)
  left join need n using (memory_id)
  left join network c using (memory_id)
  left join used_at($night) u using (memory_id)
  where r.ready_for_consolidation and ($known_event is null or m.memory_id in (select memory_id from event where kind = 'encode' and event_id > $known_event))
    -- What the hippocampus holds no more cannot be replayed from there.
    and (t.s_h >= replay_hippocampal_trace() or u.memory_id is not null)
    and (coalesce(f.fate, 'hippocampal_retention') = 'hippocampal_retention' or (u.memory_id is not null and f.fate <> 'cortical_transfer'))
), valued as (
  select *, replay_gain(importance, stability, difficulty, idle, replay_horizon_days())
    * ((1 - need_centrality_share()) * from_goals + need_centrality_share() * central) as value
  from candidate
)
select memory_id, value, retrievability, row_number() over (order by was_used desc, value desc, memory_id) as rank
from valued
qualify rank <= $replays
