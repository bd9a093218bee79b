-- Links of memories that have changed. Of the others the weights are as of the base: each night scales them all.
create table recall.association as
with wanted as materialized (
  select memory_id from publishing where part = 'text'
), changed as (
  from association where $whole or changed_at in (select as_of from changed_cycle)
)
from changed where $whole or src in (from wanted) or dst in (from wanted)
order by src, dst
