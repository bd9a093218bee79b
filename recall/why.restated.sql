-- What restates a memory, and what it restates, as nights have found it: of each the other memory.
select s.older = $id as "isOlder", m.memory_id as id, m.content, m.created_at as "createdAt", s.sentence, s.made_by as "madeBy"
from supersession s join memory m on m.memory_id = case when s.older = $id then s.newer else s.older end
where (s.older = $id or s.newer = $id) and m.created_at <= $as_of::timestamp
order by m.created_at, m.memory_id
