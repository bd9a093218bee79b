-- An episode whose members are gone, another agent's or reworded, or were written or read again since episodes were last bound, is formed
-- again by what is left of it. A cycle may be as of an earlier time than the last one: what it took in is dated to it. Where nothing is
-- left in its place, the agent's next episode is formed again too: its session may have come apart there, and it may be the first now
-- or be compared to others.
delete from episode_member where episode_id in (
  with bound as (
    select max(as_of) as last from ledger where step = 'bindEpisodes'
  ), formed as (
    select e.episode_id, e.agent, e.started_at, e.ended_at, min(p.memory_id) as first,
      bool_or(r.deleted_at is null and r.agent = e.agent) as stands,
      members_hash_of(r.memory_id, r.content_hash, p.position) <> e.members_hash
        or bool_or(r.deleted_at is not null or r.agent <> e.agent or greatest(r.changed_at, f.changed_at) > b.last
          or ($as_of::timestamp <= b.last and $as_of::timestamp in (r.changed_at, f.changed_at))) as changed
    from episode e join episode_member p using (episode_id) join raw_memory r using (memory_id)
    left join feature f using (memory_id) cross join bound b
    group by e.episode_id, e.agent, e.started_at, e.ended_at, e.members_hash
  )
  select episode_id
  from (
    select episode_id, changed or lag(changed and not stands) over (partition by agent order by started_at, ended_at, first) as again
    from formed)
  where again)
