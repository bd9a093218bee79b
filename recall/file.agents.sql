select agent, count(*)::int as memories from memory group by agent order by agent
