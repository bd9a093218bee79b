-- A community is named after a memory; where that is forgotten, after the oldest that is left and names none yet.
create or replace temp table renamed as
select n.community_id as old_name, coalesce(
    arg_min(r.memory_id, (r.created_at, r.memory_id)) filter (r.memory_id not in (select community_id from network)),
    arg_min(r.memory_id, (r.created_at, r.memory_id))) as new_name
from network n join raw_memory r using (memory_id)
where n.community_id in (select memory_id from forgetting) and n.memory_id not in (select memory_id from forgetting)
group by n.community_id
