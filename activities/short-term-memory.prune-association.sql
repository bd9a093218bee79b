-- Only the strongest associations of a memory stay. Those of memories with more than so many are ranked, which are few.
delete from association where (src, dst) in (
  select (src, dst) from association_at($as_of)
  where src in (
    select src from association
    where src in (select src from association where changed_at = $as_of::timestamp)
    group by src having count(*) > edge_top_k())
  qualify row_number() over (partition by src order by w desc, dst) > edge_top_k())
