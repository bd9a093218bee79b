insert into insight_member
select insight_id, unnest(members) as memory_id, unnest(range(1, len(members) + 1))::integer as position
from wanted_insight semi join insight using (insight_id) where insight_id not in (select insight_id from insight_member)
