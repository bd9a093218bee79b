update association set
  w = hebb(association.w, days_between(association.last_at, $as_of), edge_half_life_days(), c.log_product),
  co_activation_count = association.co_activation_count + c.n,
  last_at = $as_of::timestamp, changed_at = $as_of::timestamp
from (
  select src, dst, exact_sum(hebb_factor(hebbian_learning_rate(), activation)) as log_product, count(*)::integer as n
  from coactivation where cycle_id = $cycle_id group by src, dst
) c
where c.src = association.src and c.dst = association.dst
