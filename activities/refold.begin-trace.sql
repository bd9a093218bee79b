-- As if no event of theirs had been folded yet: the fold takes each from its first.
update trace set last_event_id = 0
