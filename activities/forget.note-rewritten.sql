update forgotten set rewritten_at = $as_of::timestamp where rewritten_at is null and erased_at is not null
