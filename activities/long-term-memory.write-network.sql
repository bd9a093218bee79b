-- A community is named after its oldest memory, so its name outlives the coming and going of others. A memory's row counts
-- as changed when its community is another.
insert into network by name
with named as (
  select label, arg_min(memory_id, (created_at, memory_id)) as community_id
  from label join raw_memory using (memory_id) group by label
)
select n.memory_id, c.community_id, n.centrality, n.degree,
  case when o.community_id = c.community_id then o.changed_at else $as_of::timestamp end as changed_at
from node n join label l using (memory_id) join named c using (label) left join old_network o using (memory_id)
