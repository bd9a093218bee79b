-- session_id  of an episode: a session is a run of an agent's memories without a long silence, and is named after its first episode
alter table episode add column session_id varchar;

-- Of episodes that are there, those without a boundary between them that a session opens with.
update episode set session_id = s.session_id
from (
  select episode_id, last_value(case when boundary in ('first', 'silence') then episode_id end ignore nulls)
    over (partition by agent order by started_at, ended_at, episode_id) as session_id
  from episode
) s
where s.episode_id = episode.episode_id;
update episode set session_id = episode_id where session_id is null;
