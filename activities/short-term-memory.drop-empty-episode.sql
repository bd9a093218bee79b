delete from episode where episode_id not in (select episode_id from episode_member)
