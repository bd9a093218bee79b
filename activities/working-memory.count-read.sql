select count(*)::int as "read"
from feature where changed_at = $as_of::timestamp
