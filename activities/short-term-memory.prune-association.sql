-- Only the strongest associations of a memory stay.
delete from association where (src, dst) in (
  select (src, dst) from association_at($as_of)
  where src in (select src from association where changed_at = $as_of::timestamp)
  qualify row_number() over (partition by src order by w desc, dst) > edge_top_k())
