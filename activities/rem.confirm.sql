-- A far pair that has since become associated by itself, either way, was a true anticipation.
update distant_association set confirmed_at = $as_of::timestamp
from (
  select d.src, d.dst from distant_association d join association a on a.src = d.src and a.dst = d.dst where d.confirmed_at is null
  union
  select d.src, d.dst from distant_association d join association a on a.src = d.dst and a.dst = d.src where d.confirmed_at is null
) met
where distant_association.src = met.src and distant_association.dst = met.dst
