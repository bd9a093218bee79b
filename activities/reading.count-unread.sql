select count(*)::int as total from unread
