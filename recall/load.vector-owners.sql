select memory_id, len(vector)::int as length from vector v where $agent is null or v.agent = $agent
