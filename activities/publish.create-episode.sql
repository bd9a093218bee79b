create table recall.episode as
select episode_id, session_id, agent, started_at, ended_at, size, title, level_0_goal, outcome from episode
where episode_id in (select memory_id from publishing where part = 'episode')
order by agent, started_at, episode_id
