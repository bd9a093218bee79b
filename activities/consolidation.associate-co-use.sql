-- Those that had no link yet get one; the strengthening then raises it, as it does those that had.
insert into association by name
select distinct src, dst, first_weight(evidence_co_use()) as w, 'co-use' as made_by, 0 as co_activation_count, $night::timestamp as last_at,
  $as_of::timestamp as changed_at,
  w as first_w, last_at as first_at, 0 as first_count, (select coalesce(max(step), 0) from weight_step) as first_step
from coactive
on conflict do nothing
