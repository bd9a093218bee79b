update forgotten set memory_id = null, erased_at = $as_of::timestamp where memory_id is not null
