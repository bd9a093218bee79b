-- A community keeps its name from night to night: it inherits that of the one which it shares most members with, and that one leaves its
-- name to no other. A new one is named after its oldest memory that names none yet. A memory's row counts as changed when its community
-- is another.
insert into network by name
with heir as (
  select label, community_id
  from (select label, community_id, count(*) as shared from label join old_network using (memory_id) group by label, community_id)
  qualify row_number() over (partition by label order by shared desc, community_id) = 1
    and row_number() over (partition by community_id order by shared desc, label) = 1
), oldest as (
  select label, coalesce(
      arg_min(memory_id, (created_at, memory_id)) filter (memory_id not in (select community_id from heir)),
      arg_min(memory_id, (created_at, memory_id))) as memory_id
  from label join raw_memory using (memory_id) group by label
)
select n.memory_id, coalesce(h.community_id, f.memory_id) as community_id, n.centrality, n.degree,
  case when o.community_id = coalesce(h.community_id, f.memory_id) then o.changed_at else $as_of::timestamp end as changed_at
from node n join label l using (memory_id) join oldest f using (label) left join heir h using (label)
left join old_network o using (memory_id)
