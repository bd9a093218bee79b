-- One that was of use to a recall is ready, whatever its tag: nothing tells better what will be needed.
update readiness set ready_for_consolidation = true, why = 'of use to a recall', changed_at = $as_of::timestamp
where why is distinct from 'of use to a recall'
  and memory_id in (select memory_id from feedback_now where outcome = 'used')
