-- The gists and insights that rest on one of some memories; asked for one agent, those that rest on that one's alone.
select g.id, g.kind, g.content, g.changed_at as "changedAt", g.members
from gist g
where g.changed_at <= $as_of::timestamp and list_has_any(g.members, from_json($ids, '["VARCHAR"]'))
  and ($agent is null
    or not exists (from memory m where m.agent <> $agent and list_contains(g.members, m.memory_id)))
order by g.id
