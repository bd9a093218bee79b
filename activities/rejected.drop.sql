delete from rejected_row where step = $step and field = $field
