-- Each window of event time that holds a new memory is attended once more as a whole; of each agent's memories in it, as
-- many get a slot as its capacity allows. Recency is reckoned from the window's end.
insert or replace into working_memory by name
with windowed as (
  select memory_id, agent, created_at, importance, urgency, arousal,
    floor(epoch_us(created_at) / (working_memory_window_minutes() * 60e6)) as tick
  from memory
), touched as (
  select distinct w.agent, w.tick from windowed w anti join working_memory using (memory_id)
), candidate as (
  select w.* from windowed w semi join touched t on t.agent = w.agent and t.tick = w.tick
), novelty as (
  select c.memory_id, avg(case when e.first_at < c.created_at then 0 else 1 end) as novelty
  from candidate c
  join mention m using (memory_id)
  join (
    select agent, entity, min(created_at) as first_at from mention
    where entity in (select entity from mention semi join candidate using (memory_id))
    group by agent, entity
  ) e on e.agent = m.agent and e.entity = m.entity
  group by c.memory_id
), weighed as (
  select c.*, coalesce(n.novelty, 0) as novelty,
    make_timestamp((c.tick * working_memory_window_minutes() * 60e6)::bigint) as window_start,
    attention_recency((c.tick + 1) * working_memory_window_minutes() * 60 - epoch_us(c.created_at) / 1e6) as recency_weight,
    fluctuating_capacity(c.agent, c.tick::bigint, working_memory_capacity(), working_memory_capacity_variance()) as capacity
  from candidate c left join novelty n using (memory_id)
), ranked as (
  select *, attention(recency_weight, importance, urgency, arousal, novelty) as attention_priority,
    row_number() over (partition by agent, tick
      order by attention(recency_weight, importance, urgency, arousal, novelty) desc, created_at desc, memory_id) as rank
  from weighed
)
select memory_id, agent, window_start, recency_weight, novelty, attention_priority,
  case when rank <= capacity then rank end::integer as wm_slot, capacity::integer as capacity,
  $as_of::timestamp as changed_at
from ranked
