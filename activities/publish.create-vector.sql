-- In the order of table memory, so that an agent's lie together. Of one model: those of two cannot be compared.
create table recall.vector as
select m.agent, m.memory_id, e.part, e.vector
from recall.memory m
join embedding e using (memory_id)
where e.model = (select model from recall.meta)
order by m.agent, m.created_at, m.memory_id, e.part
