select count(*)::int as missed from missed
