-- An episode of the same memories may belong to another session now, or have another boundary: where a silence is filled, or opens.
update episode set session_id = s.session_id, boundary = s.boundary, changed_at = $as_of::timestamp
from (select episode_id, any_value(session_id) as session_id, any_value(boundary) as boundary from segment group by episode_id) s
where s.episode_id = episode.episode_id and (s.session_id, s.boundary) is distinct from (episode.session_id, episode.boundary)
