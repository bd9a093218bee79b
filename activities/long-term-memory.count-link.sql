select count(*)::int as links, community_most_members()::int as most from link
