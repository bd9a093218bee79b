insert into ledger values ($step, $cycle_id, $as_of::timestamp, $counts::json, $parameters)
