select cycle_id, as_of::varchar as as_of from ledger where step = 'publishRecall' order by as_of desc limit 1
