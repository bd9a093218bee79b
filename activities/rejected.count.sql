select coalesce(sum(rows), 0)::integer as rejected from rejected_row where step = $step
