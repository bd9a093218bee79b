select count(*) filter (where fresh)::int as compared,
  coalesce(any_value(waiting) - count(*) filter (where fresh), 0)::int as waiting_for_comparison
from comparable
