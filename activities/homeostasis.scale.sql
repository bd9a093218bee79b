-- Multiplicative scaling towards the target mean keeps the ranks; scaling down spares the strongest (de Vivo et al. 2017). Weights that are
-- folded again with other parameters may be stronger than those that the factor is from: it is bounded by them.
with scaled as (
  -- A link that was made after it, where a scaling of the past is folded again.
  select src, dst, w from association where coalesce(first_step < $weight_step, true)
)
update association set w = association.w * s.factor, changed_at = $as_of::timestamp
from (
  select bounded_scaling(factor, (select max(w) from scaled)) as factor, spared from weight_step where step = $weight_step
) s, association_at($scaled_at) a
where a.src = association.src and a.dst = association.dst
  and (a.src, a.dst) in (select (src, dst) from scaled)
  and not (s.factor < 1 and a.w > s.spared)
