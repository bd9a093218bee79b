insert into coactivation by name
select src, dst, ts, activation, $cycle_id as cycle_id from coactive order by all
