-- A replay runs through the episode: neighbours are active together, the nearer and the better recalled the more.
create or replace temp table coactive as
with pair as (
  select distinct least(x.memory_id, y.memory_id) as a, greatest(x.memory_id, y.memory_id) as b,
    abs(x.position - y.position) as lag
  from replay r
  join episode_member x using (memory_id)
  join episode_member y on y.episode_id = x.episode_id and y.memory_id <> x.memory_id
    and abs(x.position - y.position) <= tcm_max_lag()
  -- What had not been written yet was not active.
  join raw_memory w on w.memory_id = y.memory_id and w.created_at <= $night::timestamp
), active as (
  select p.a, p.b, s.retrievability * t.retrievability * pow(tcm_rho(), p.lag) as activation
  from pair p join trace_at($night) s on s.memory_id = p.a join trace_at($night) t on t.memory_id = p.b
)
select a as src, b as dst, $night::timestamp as ts, activation from active
union all
select b, a, $night::timestamp, activation from active
