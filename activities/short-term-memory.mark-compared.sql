update embedding set compared_at = $as_of::timestamp
from comparable c
where c.fresh and c.memory_id = embedding.memory_id and c.model = embedding.model
