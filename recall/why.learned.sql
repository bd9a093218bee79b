-- The gists and insights that rest on a memory.
select id, kind, content, theme, made_by as "madeBy", changed_at as "changedAt", len(members)::integer as size
from gist
where list_contains(members, $id) and changed_at <= $as_of::timestamp
order by kind, len(members), id
