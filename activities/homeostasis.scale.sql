-- Multiplicative scaling towards the target mean keeps the ranks; scaling down spares the strongest (de Vivo et al. 2017).
update association set w = least(1.0, association.w * s.factor), changed_at = $as_of::timestamp
from (
  select scaling_factor(homeostasis_target(), exact_avg(w), scaling_max_step()) as factor,
    quantile_cont(w, protected_quantile()) as protected
  from (select w * half_life_decay(days_between(last_at, $as_of), edge_half_life_days()) as w from association)
) s
where s.factor is not null and s.factor <> 1 and not (
  s.factor < 1 and
  association.w * half_life_decay(days_between(association.last_at, $as_of), edge_half_life_days()) > s.protected)
