-- An episode that lost a memory is formed anew by what is left of it, and described anew without the words that are gone.
delete from episode_member where episode_id in (
  select e.episode_id from episode_member e join raw_memory r using (memory_id) where r.deleted_at is not null)
