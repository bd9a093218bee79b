-- Weak, idle and hardly ever active together: gone, unless it is the last link of an important memory.
delete from association where (src, dst) in (
  select (a.src, a.dst)
  from association a join raw_memory r on r.memory_id = a.src left join feature f on f.memory_id = a.src
  where r.deleted_at is not null
    or a.dst in (select memory_id from raw_memory where deleted_at is not null)
    or (a.w * half_life_decay(days_between(a.last_at, $as_of), $edge_half_life_days) < $weak_connection_threshold
      and a.co_activation_count < 2 and days_between(a.last_at, $as_of) > 30
      and not (f.importance >= 0.8 and (select count(*) from association b where b.src = a.src) = 1)))
