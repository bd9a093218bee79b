select count(*)::int as "read", count(*) filter (where made_by like 'rules#%')::int as read_by_rules,
  count(*) filter (where len(content) > $read_characters)::int as cut
from feature join raw_memory using (memory_id)
where feature.changed_at = $as_of::timestamp
