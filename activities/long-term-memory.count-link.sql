select count(*)::int as links from link
