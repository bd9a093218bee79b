-- The numbers of an agent's memories, which lie one after the other, or of all.
select coalesce(min(n), 0) as first, coalesce(max(n), -1) as last from memory where $agent is null or agent = $agent
