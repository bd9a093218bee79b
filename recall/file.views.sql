-- The tables of a recall file as they are with the additions to it; in schema `added` what questions look at of those alone.
create view memory as
from recall.memory anti join (select n from day.replaced where part = 'memory') using (n) union all by name from day.memory;
create view trace as
from recall.trace anti join (select n from day.replaced where part = 'trace') using (n) union all by name from day.trace;
create view vector as
from recall.vector anti join (select n from day.replaced where part = 'text') using (n) union all by name from day.vector;
create view entity as
from recall.entity anti join (select id as memory_id from day.replaced where part = 'text') using (memory_id)
union all by name from day.entity;
create view event as
from recall.event anti join (select id as memory_id from day.replaced where part = 'trace') using (memory_id)
union all by name from day.event;
create view association as
from recall.association anti join day.association using (src, dst) union all by name from day.association;
create view supersession as
from recall.supersession where not exists (from day.replaced where part = 'supersession')
union all by name from day.supersession;
create view episode as
from recall.episode anti join (select id as episode_id from day.replaced where part = 'episode') using (episode_id)
union all by name from day.episode;
create view gist as
from recall.gist where not exists (from day.replaced where part = 'gist') union all by name from day.gist;
create view night as from day.night;
create view forgotten as from day.forgotten;
create view meta as from day.meta;

create schema added;
create view added.memory as from day.memory where n >= (select first_number from day.meta);
create view added.vector as from day.vector;
