-- What PostgreSQL may still hold and we no longer do.
select
  (select coalesce(list(memory_id order by memory_id), []) from raw_memory
    where deleted_at > $since::timestamp or deleted_at = $as_of::timestamp)::json as memories,
  (select coalesce(list(episode_id order by episode_id), []) from episode)::json as episodes,
  (select coalesce(list(id order by id), []) from (select gist_id as id from gist union all select insight_id from insight)
    anti join bereft_learned using (id))::json as insights
