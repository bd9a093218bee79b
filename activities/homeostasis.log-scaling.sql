-- How far one scaling goes depends on the days since the last, not on how often a cycle runs; the first one stands for the days since the
-- first memory. Where the mean is at its target there is nothing to do.
insert into weight_step by name
select (select coalesce(max(step), 0) from weight_step) + 1 as step, $cycle_id as cycle_id, 'scale' as kind, $as_of::timestamp as as_of,
  factor, spared
from (
  select scaling_factor(homeostasis_target(), exact_avg(w), scaling_max_step(), any_value(d.days)) as factor,
    quantile_cont(w, protected_quantile()) as spared
  from association_at($as_of) cross join (
    select coalesce(
      days_between((select max(as_of) from ledger where step = $step and as_of < $as_of::timestamp), $as_of),
      greatest(1, days_between((select min(ts) from event), $as_of))) as days) d
)
where factor is not null and factor <> 1
returning step::double as step
