-- Weak, idle and hardly ever active together: gone, in both directions, unless it is the strongest link of an important memory.
delete from association where (src, dst) in (
  with link as (
    select a.*, f.importance, r.deleted_at,
      a.w * half_life_decay(days_between(a.last_at, $as_of), edge_half_life_days()) as w_now,
      row_number() over (
        partition by a.src
        order by a.w * half_life_decay(days_between(a.last_at, $as_of), edge_half_life_days()) desc, a.dst) as rank
    from association a join raw_memory r on r.memory_id = a.src left join feature f on f.memory_id = a.src
  ), spared as (
    select src, dst from link where importance >= 0.8 and rank = 1 and deleted_at is null
  )
  select (l.src, l.dst)
  from link l
  where l.deleted_at is not null
    or l.dst in (select memory_id from raw_memory where deleted_at is not null)
    or (l.w_now < weak_connection_threshold() and l.co_activation_count < 2 and days_between(l.last_at, $as_of) > 30
      and (l.src, l.dst) not in (select (src, dst) from spared)
      and (l.dst, l.src) not in (select (src, dst) from spared)))
