-- Whether an earlier attempt has done it.
select event_id from event where memory_id = $memory_id and kind = 'recall' and cycle_id = $cycle_id
