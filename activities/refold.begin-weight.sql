update association set w = first_w, last_at = first_at, co_activation_count = first_count, changed_at = $as_of::timestamp
where first_step is not null
