select count(*)::int as recalls, count(*) filter (where outcome = 'used')::int as used from feedback_now
