-- A community is named after its oldest memory, so its name outlives the coming and going of others.
insert into network by name
with named as (
  select label, arg_min(memory_id, (created_at, memory_id)) as community_id
  from label join raw_memory using (memory_id) group by label
)
select n.memory_id, c.community_id, n.centrality, n.degree
from node n join label l using (memory_id) join named c using (label)
