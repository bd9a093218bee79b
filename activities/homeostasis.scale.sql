-- Multiplicative scaling towards the target mean keeps the ranks; scaling down spares the strongest (de Vivo et al. 2017).
update association set w = least(1.0, association.w * s.factor), changed_at = $as_of::timestamp
from (
  select scaling_factor(homeostasis_target(), exact_avg(w), scaling_max_step()) as factor,
    quantile_cont(w, protected_quantile()) as protected
  from association_at($as_of)
) s, association_at($as_of) a
where a.src = association.src and a.dst = association.dst and s.factor is not null and s.factor <> 1 and not (s.factor < 1 and a.w > s.protected)
