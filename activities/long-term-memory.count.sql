select
  count(*) filter (where kind = 'gist')::int as gists,
  count(*) filter (where kind = 'insight')::int as insights,
  count(*) filter (where made_by like 'rules#%')::int as written_by_rules
from (
  select 'gist' as kind, made_by, changed_at from gist
  union all select 'insight', made_by, changed_at from insight)
where changed_at = $as_of::timestamp
