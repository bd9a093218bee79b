select count(*) filter (where proposed_at = $as_of::timestamp)::int as proposed,
  count(*) filter (where confirmed_at = $as_of::timestamp)::int as confirmed
from distant_association
