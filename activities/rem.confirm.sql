-- A far pair that has since become associated by itself, either way, was a true anticipation.
update distant_association set confirmed_at = $as_of::timestamp
where confirmed_at is null
  and ((src, dst) in (select (src, dst) from association) or (src, dst) in (select (dst, src) from association))
