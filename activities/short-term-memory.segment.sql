-- A session is a run of an agent's memories without a long silence, whatever is in it. Within a session an episode ends with a new goal or
-- a surprise far above those before it (Zacks et al. 2007; the threshold as in EM-LLM), where both sides hold together: each has two
-- memories at least, which are nearer to each other than to those across (after TextTiling, Hearst 1997). Of boundaries in a row the
-- first counts. Nearness is by entities, or one goal that is named: what a memory mentions is known from the first cycle on, its vector
-- perhaps nights later.
--
-- Whether a boundary stands depends on `episode_side` memories after it. The tail that is formed again therefore begins with the episode of
-- the memory one farther before the first fresh one, whose beginning stays. Those before the tail are read for the windows only: the
-- window's, and the four before it to which the first of them is compared.
create or replace temp table segment as
with since as (
  select agent, min({'at': created_at, 'id': memory_id}) as since from fresh_memory group by agent
), before as (
  select m.agent, m.memory_id
  from memory m join since s using (agent) where {'at': m.created_at, 'id': m.memory_id} < s.since
  qualify row_number() over (partition by m.agent order by m.created_at desc, m.memory_id desc) = episode_side() + 1
), tail as (
  select s.agent, {'at': e.started_at, 'id': f.memory_id} as start, e.session_id, e.boundary
  from since s left join before using (agent)
  left join episode_member b on b.memory_id = before.memory_id
  left join episode e on e.episode_id = b.episode_id
  left join episode_member f on f.episode_id = b.episode_id and f.position = 1
), scope as (
  select m.memory_id, m.agent, m.created_at, m.content_hash, m.kind, m.metadata, t.session_id as session_before,
    t.start.id is null or {'at': m.created_at, 'id': m.memory_id} >= t.start as in_tail,
    -- The boundary with which the tail begins, if the session goes on there.
    case when m.memory_id = t.start.id then t.boundary end as kept
  from memory m join tail t using (agent)
  qualify in_tail or row_number() over (partition by m.agent, in_tail order by m.created_at desc, m.memory_id desc) <= surprise_window() + 4
), described as (
  select s.*, coalesce(e.entities, []) as entities,
    case when json_valid(s.metadata) then json_extract_string(s.metadata, '$.goal') end as given_goal
  from scope s
  left join (
    select memory_id, list(distinct entity order by entity) as entities
    from mention semi join scope using (memory_id) group by memory_id
  ) e using (memory_id)
), compared as (
  select *, lag(given_goal) over o as previous_goal,
    surprise(entities, lag(entities, 1) over o, lag(entities, 2) over o, lag(entities, 3) over o) as surprise,
    case when lag(created_at) over o is null then 'first'
      when created_at - lag(created_at) over o > to_seconds(60 * stm_duration_minutes()) then 'silence' end as opening
  from described
  window o as (partition by agent order by created_at, memory_id)
), judged as (
  select *, avg(surprise) over p as mean, stddev_samp(surprise) over p as deviation, count(*) over p as predecessors
  from compared
  window p as (partition by agent order by created_at, memory_id rows between surprise_window() preceding and 1 preceding)
), possible as (
  select *, case
    when opening is not null then null
    when kept is not null then kept
    -- A side of one memory.
    when lag(opening) over o is not null or lead(opening, 1, 'last') over o is not null then null
    when kind = 'goal' or (given_goal is not null and given_goal is distinct from previous_goal) then 'goal'
    when predecessors >= surprise_min_predecessors() and surprise > mean + surprise_gamma() * deviation then 'surprise'
    end as inner_boundary
  from judged
  window o as (partition by agent order by created_at, memory_id)
), proposed as (
  select *, coalesce(opening, kept, case when lag(inner_boundary) over o is null then inner_boundary end) as proposal
  from possible
  window o as (partition by agent order by created_at, memory_id)
), piece as (
  select *, count(proposal) over (partition by agent order by created_at, memory_id) as number from proposed where in_tail
), placed as (
  select *, row_number() over (partition by agent, number order by created_at, memory_id) as place,
    row_number() over (partition by agent, number order by created_at desc, memory_id desc) as place_from_end
  from piece
), side as (
  -- The memories on either side of the boundary with which a piece begins.
  select agent, number, place, false as is_before, entities, given_goal from placed where place <= episode_side()
  union all
  select agent, number + 1, -place_from_end, true, entities, given_goal from placed where place_from_end <= episode_side()
), pair as (
  select x.agent, x.number, x.is_before, y.is_before as both_before,
    case when x.given_goal = y.given_goal then 1 else coalesce(jaccard(x.entities, y.entities), 0) end as nearness
  from side x join side y on y.agent = x.agent and y.number = x.number and y.place > x.place
  semi join (from placed where place = 1 and opening is null and kept is null) b on b.agent = x.agent and b.number = x.number
), standing as (
  select agent, number from pair group by agent, number
  having exact_avg(case when is_before and not both_before then nearness end)
    < least(exact_avg(case when both_before then nearness end), exact_avg(case when not is_before then nearness end))
), bounded as (
  select p.*, case when p.opening is not null or p.kept is not null or (p.place = 1 and s.number is not null) then p.proposal end as boundary
  from placed p left join standing s using (agent, number)
), numbered as (
  select *, count(boundary) over o as episode, count(opening) over o as session
  from bounded
  window o as (partition by agent order by created_at, memory_id)
)
select memory_id, agent, created_at, content_hash,
  md5(agent || ':' || first_value(memory_id) over e) as episode_id,
  -- A session is named after its first episode.
  case when session = 0 then session_before else md5(agent || ':' || first_value(memory_id) over s) end as session_id,
  first_value(boundary) over e as boundary,
  row_number() over e as position
from numbered
window e as (partition by agent, episode order by created_at, memory_id),
  s as (partition by agent, session order by created_at, memory_id)
