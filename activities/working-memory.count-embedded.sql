select count(*)::int as embedded from embedding where changed_at = $as_of::timestamp
