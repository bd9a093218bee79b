select format, cycle_id, newest_at, model from meta
