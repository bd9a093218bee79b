-- Multiplicative scaling towards the target mean keeps the ranks; scaling down spares the strongest (de Vivo et al. 2017). How far one
-- scaling goes depends on the days since the last, not on how often a cycle runs; the first one stands for the days since the first memory.
update association set w = least(1.0, association.w * s.factor), changed_at = $as_of::timestamp
from (
  select scaling_factor(homeostasis_target(), exact_avg(w), scaling_max_step(), any_value(d.days)) as factor,
    quantile_cont(w, protected_quantile()) as protected
  from association_at($as_of) cross join (
    select coalesce(
      days_between((select max(as_of) from ledger where step = $step and as_of < $as_of::timestamp), $as_of),
      greatest(1, days_between((select min(ts) from event), $as_of))) as days) d
) s, association_at($as_of) a
where a.src = association.src and a.dst = association.dst and s.factor is not null and s.factor <> 1 and not (s.factor < 1 and a.w > s.protected)
