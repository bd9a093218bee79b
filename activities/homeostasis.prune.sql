-- Weak, idle and hardly ever active together: gone, in both directions, unless it is the strongest link of an important memory. Looks from
-- the few that are idle: only of important memories among their ends all links are ranked. What a deleted memory had goes too.
delete from association using (
  with gone as (
    select memory_id from raw_memory where deleted_at is not null
  ), idle as (
    select src, dst from association_at($as_of)
    where w < weak_connection_threshold() and co_activation_count < prune_min_coactivations() and idle > prune_idle_days()
  ), important as (
    select memory_id from feature
    where importance >= importance_vital() and memory_id in (select src from idle union select dst from idle) and memory_id not in (from gone)
  ), spared as (
    select src, dst from association_at($as_of) semi join important on memory_id = src
    qualify row_number() over (partition by src order by w desc, dst) = 1
  )
  select src, dst from idle anti join spared using (src, dst) anti join spared back on back.src = idle.dst and back.dst = idle.src
  union
  select src, dst from association where src in (from gone) or dst in (from gone)
) pruned
where association.src = pruned.src and association.dst = pruned.dst
