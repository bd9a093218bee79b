-- A link of what slept through no night yet is found when its cycle comes, maybe months later; it is as old as the first night after both
-- its ends.
update association set last_at = d.known_at, changed_at = $as_of::timestamp,
  first_w = association.w, first_at = d.known_at, first_count = 0, first_step = (select coalesce(max(step), 0) from weight_step)
from (
  with newcomer as (select memory_id from event where kind = 'encode' and event_id > $newcomers_after)
  select a.src, a.dst, greatest(x.created_at, y.created_at) + interval 1 day as known_at
  from association a join memory x on x.memory_id = a.src join memory y on y.memory_id = a.dst
  where a.co_activation_count = 0 and (a.src in (from newcomer) or a.dst in (from newcomer))
) d
where d.src = association.src and d.dst = association.dst and d.known_at < association.last_at
