-- What the step has done in this cycle, if it has; and whether the cycle is known to write for the next additions to the recall file.
select (select counts::varchar from ledger where step = $step and cycle_id = $cycle_id) as counts,
  exists (from changed_cycle where as_of = $as_of::timestamp and not published) as noted
