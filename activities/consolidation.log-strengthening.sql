insert into weight_step by name
select (select coalesce(max(step), 0) from weight_step) + 1 as step, $cycle_id as cycle_id, 'strengthen' as kind, $night::timestamp as as_of
where exists (from coactive)
