select count(*)::int as nodes, count(distinct community_id)::int as communities from network
