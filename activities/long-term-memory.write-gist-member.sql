insert into gist_member
select gist_id, unnest(members) as memory_id, unnest(range(1, len(members) + 1))::integer as position
from wanted_gist semi join gist using (gist_id) where gist_id not in (select gist_id from gist_member)
