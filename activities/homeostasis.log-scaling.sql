-- Scaling aims at the mean of the weights as they were when their ends were last active together: what decays stays decayed, and time alone
-- has nothing scaled. Downwards the others make up for what is spared. How far one scaling goes depends on the days since the last, not on
-- how often a cycle runs; the first one stands for the days since the first memory. Where the mean is at its target there is nothing to do.
insert into weight_step by name
with link as (
  select l.w, a.w as left_w from association l join association_at($as_of) a using (src, dst)
), bound as (
  select quantile_cont(left_w, protected_quantile()) as spared from link
), total as (
  select exact_avg(w) as w, exact_sum(case when left_w > spared then w else 0 end) / count(*) as spared_w, max(w) as strongest,
    any_value(spared) as spared
  from link cross join bound
), since as (
  select coalesce(
    days_between((select max(as_of) from ledger where step = $step and as_of < $as_of::timestamp), $as_of),
    greatest(1, days_between((select min(ts) from event), $as_of))) as days
), scaling as (
  select spared, strongest, case when w > homeostasis_target() then spared_w else 0 end as kept, w, days from total cross join since
)
select (select coalesce(max(step), 0) from weight_step) + 1 as step, $cycle_id as cycle_id, 'scale' as kind, $as_of::timestamp as as_of,
  bounded_scaling(scaling_factor(homeostasis_target() - kept, w - kept, scaling_max_step(), days), strongest) as factor, spared
from scaling
where w is not null and factor <> 1
returning step::double as step
