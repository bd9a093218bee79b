select count(*) filter (where outcome = 'used')::int as recalls_used, count(*) filter (where outcome = 'wrong')::int as recalls_wrong,
  count(*) filter (where outcome = 'passed over')::int as recalls_passed_over
from feedback_now
