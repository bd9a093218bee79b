-- What was used in a recall is ready, whatever its tag: nothing tells better what will be needed.
update readiness set ready_for_consolidation = true, why = 'used', changed_at = $as_of::timestamp
where why is distinct from 'used'
  and memory_id in (select memory_id from feedback_now where outcome = 'used')
