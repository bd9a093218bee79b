select counts::varchar as counts from ledger where step = $step and cycle_id = $cycle_id
