-- A boundary is the agent's first memory, a long silence, a new goal, or a surprise far above those before
-- it (Zacks et al. 2007; the threshold as in EM-LLM). Memories before the tail are read for these windows only: the window's, and the
-- four before it to which the first of them is compared.
create or replace temp table segment as
with agent_tail as (
  select agent, any_value(tail_start) as tail_start from fresh_memory group by agent
), scope as (
  select m.memory_id, m.agent, m.created_at, m.content_hash, m.kind, m.metadata, m.created_at >= t.tail_start as in_tail
  from memory m join agent_tail t using (agent)
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
  select *, lag(created_at) over o as previous_at, lag(given_goal) over o as previous_goal,
    surprise(entities, lag(entities, 1) over o, lag(entities, 2) over o, lag(entities, 3) over o) as surprise
  from described
  window o as (partition by agent order by created_at, memory_id)
), judged as (
  select *, avg(surprise) over p as mean, stddev_samp(surprise) over p as deviation, count(*) over p as predecessors
  from compared
  window p as (partition by agent order by created_at, memory_id rows between surprise_window() preceding and 1 preceding)
), bounded as (
  select *, case
    when previous_at is null then 'first'
    when created_at - previous_at > to_seconds(60 * stm_duration_minutes()) then 'silence'
    when kind = 'goal' or (given_goal is not null and given_goal is distinct from previous_goal) then 'goal'
    when predecessors >= surprise_min_predecessors() and surprise > mean + surprise_gamma() * deviation then 'surprise'
    end as boundary
  from judged
), numbered as (
  select *, count(boundary) over (partition by agent order by created_at, memory_id) as number
  from bounded where in_tail
)
select memory_id, agent, created_at, content_hash,
  md5(agent || ':' || first_value(memory_id) over e) as episode_id,
  first_value(boundary) over e as boundary,
  row_number() over e as position
from numbered
window e as (partition by agent, number order by created_at, memory_id)
