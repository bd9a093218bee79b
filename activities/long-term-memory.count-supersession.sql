select count(*)::int as superseded from supersession where changed_at = $as_of::timestamp
