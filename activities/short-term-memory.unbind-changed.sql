-- An episode that lost a memory, or in which one was written again since episodes were last bound, is formed anew by what is
-- left of it, and described anew without the words that are gone.
delete from episode_member where episode_id in (
  select e.episode_id
  from episode_member e join raw_memory r using (memory_id)
  where r.deleted_at is not null
    or r.changed_at > (select max(as_of) from ledger where step = 'bindEpisodes'))
