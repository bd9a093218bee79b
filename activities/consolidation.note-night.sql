insert into lived_night
select $cycle_id, $night::timestamp, (select count(*) from replay)::integer, (select coalesce(max(event_id), 0) from event)
