insert into coactivation by name
select src, dst, ts, activation, $cycle_id as cycle_id, (select max(step) from weight_step) as step from coactive order by all
