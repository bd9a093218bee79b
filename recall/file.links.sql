select o.n as older, n.n as newer
from supersession s join memory o on o.memory_id = s.older join memory n on n.memory_id = s.newer
order by older, newer
