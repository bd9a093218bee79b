create table recall.trace as
select i.n, t.*
from (select memory_id, n from publishing join numbered using (memory_id) where part = 'trace') i join trace t using (memory_id)
order by i.n
