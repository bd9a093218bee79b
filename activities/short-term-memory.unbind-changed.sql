-- An episode that lost a memory, or in which one was written, or by a better reader read, again since episodes were last
-- bound, is formed again by what is left of it; without the same words it is also described again. Where nothing is left in its
-- place, the session may have come apart there: so is the next episode of it.
delete from episode_member where episode_id in (
  with changed as (
    select p.episode_id, bool_or(r.deleted_at is null and r.agent = e.agent and r.created_at between e.started_at and e.ended_at) as stands
    from episode_member p join episode e using (episode_id) join raw_memory r using (memory_id) left join feature f using (memory_id)
    group by p.episode_id
    having bool_or(r.deleted_at is not null
      or greatest(r.changed_at, f.changed_at) > (select max(as_of) from ledger where step = 'bindEpisodes'))
  ), followed as (
    select episode_id, lag(episode_id) over (partition by session_id order by started_at, ended_at) as before
    from episode
    where session_id in (select session_id from episode semi join changed using (episode_id))
  )
  select episode_id from changed
  union all
  select episode_id from followed where before in (select episode_id from changed where not stands))
