select count(*)::int as described, count(*) filter (where made_by like 'rules#%')::int as described_by_rules
from episode where changed_at = $as_of::timestamp and made_by is not null
