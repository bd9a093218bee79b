-- Weak, idle and hardly ever active together: gone, in both directions, unless it is the strongest link of an important memory.
delete from association where (src, dst) in (
  with link as (
    select a.*, f.importance, r.deleted_at, row_number() over (partition by a.src order by a.w desc, a.dst) as rank
    from association_at($as_of) a join raw_memory r on r.memory_id = a.src left join feature f on f.memory_id = a.src
  ), spared as (
    select src, dst from link where importance >= importance_vital() and rank = 1 and deleted_at is null
  )
  select (l.src, l.dst)
  from link l
  where l.deleted_at is not null
    or l.dst in (select memory_id from raw_memory where deleted_at is not null)
    or (l.w < weak_connection_threshold() and l.co_activation_count < prune_min_coactivations() and l.idle > prune_idle_days()
      and (l.src, l.dst) not in (select (src, dst) from spared)
      and (l.dst, l.src) not in (select (src, dst) from spared)))
