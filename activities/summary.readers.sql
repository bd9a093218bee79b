-- Who read or wrote how many texts: memories, episodes, gists and insights, by what each says of itself.
select made_by as "madeBy", count(*)::int as texts
from (
  select made_by from feature
  union all select made_by from episode where made_by is not null
  union all select made_by from gist
  union all select made_by from insight)
group by made_by
order by texts desc, made_by
