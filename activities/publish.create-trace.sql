create table recall.trace as
select m.n, t.* from recall.memory m join trace t using (memory_id) order by m.n
