select count(distinct memory_id)::int as embedded from embedding where changed_at = $as_of::timestamp
