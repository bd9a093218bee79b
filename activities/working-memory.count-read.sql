select count(*)::int as "read", count(*) filter (where made_by like 'rules#%')::int as read_by_rules
from feature where changed_at = $as_of::timestamp
