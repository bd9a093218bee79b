-- Only the strongest associations of a memory stay.
delete from association where (src, dst) in (
  select (src, dst) from association
  where src in (select src from association where changed_at = $as_of::timestamp)
  qualify row_number() over (
    partition by src
    order by w * half_life_decay(days_between(last_at, $as_of), edge_half_life_days()) desc, dst) > edge_top_k())
