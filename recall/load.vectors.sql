-- The numbers of all vectors, one after the other: a row for each number is the fastest way out of the database.
select unnest(v.vector) as number
from vector v
where $agent is null or v.agent = $agent
