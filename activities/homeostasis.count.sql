select count(*)::int as associations from association
