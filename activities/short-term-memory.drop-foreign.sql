-- Links whose two ends are of one scope no more: one of them has another agent or other metadata now, or the profile has another scope
-- than at the last cycle.
delete from association where (src, dst) in (
  with moved as (
    select memory_id from raw_memory
    where changed_at = $as_of::timestamp or $scope is distinct from (select value from setting where name = 'scope')
  ), link as (
    select src, dst from association semi join moved m on m.memory_id = association.src
    union select src, dst from association semi join moved m on m.memory_id = association.dst
  )
  select (l.src, l.dst) from link l
  join raw_memory x on x.memory_id = l.src join raw_memory y on y.memory_id = l.dst
  where scope_of(x.agent, x.metadata) <> scope_of(y.agent, y.metadata))
