-- An episode that lost a memory, or in which one was written, or by a better reader read, again since episodes were last
-- bound, is formed again by what is left of it; without the same words it is also described again.
delete from episode_member where episode_id in (
  select e.episode_id
  from episode_member e join raw_memory r using (memory_id) left join feature f using (memory_id)
  where r.deleted_at is not null
    or greatest(r.changed_at, f.changed_at) > (select max(as_of) from ledger where step = 'bindEpisodes'))
