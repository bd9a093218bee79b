-- Memories that no episode holds yet, and per agent the start of the last episode that they may change.
create or replace temp table fresh_memory as
with fresh as (
  select memory_id, agent, created_at, min(created_at) over (partition by agent) as since
  from memory anti join episode_member using (memory_id)
), last_episode as (
  select f.agent, max(e.started_at) as started_at
  from (select distinct agent, since from fresh) f join episode e on e.agent = f.agent and e.started_at <= f.since
  group by f.agent
)
select f.memory_id, f.agent, f.created_at, coalesce(l.started_at, f.since) as tail_start
from fresh f left join last_episode l using (agent)
