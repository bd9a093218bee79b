-- Multiplicative scaling towards the target mean keeps the ranks; scaling down spares the strongest (de Vivo et al. 2017).
update association set w = least(1.0, association.w * s.factor), changed_at = $as_of::timestamp
from weight_step s, association_at($scaled_at) a
where s.step = $weight_step and a.src = association.src and a.dst = association.dst
  -- A link that was made after it, where a scaling of the past is folded again.
  and coalesce(association.first_step < s.step, true)
  and not (s.factor < 1 and a.w > s.spared)
