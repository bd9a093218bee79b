select count(*)::int as described
from episode where changed_at = $as_of::timestamp
