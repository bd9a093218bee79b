update association set
  w = hebb(a.w, c.log_product),
  co_activation_count = association.co_activation_count + c.n,
  last_at = greatest(association.last_at, $night::timestamp), changed_at = $as_of::timestamp
from (
  select src, dst, exact_sum(hebb_factor(hebbian_learning_rate(), activation)) as log_product, count(*)::integer as n
  from coactive group by src, dst
) c join association_at($night) a using (src, dst)
where a.src = association.src and a.dst = association.dst
