-- Gists and insights that were written, or changed, at a time.
select id, kind, content, theme, made_by as "madeBy", len(members)::integer as size
from gist where changed_at = $at::timestamp
order by kind, len(members) desc, id
limit $limit
