select count(*) filter (where fresh)::int as compared,
  (any_value(waiting) - count(*) filter (where fresh))::int as waiting_for_comparison
from comparable
