insert or replace into episode_member by name
select memory_id, episode_id, position::integer as position from segment
