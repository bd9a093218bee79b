-- What was made of several memories, of which one is forgotten. It is dropped whole: an episode is formed and described again by what is
-- left of it in the next cycle, a gist or an insight in the next night.
create or replace temp table derived as
select distinct 'episode' as kind, episode_id as id from episode_member semi join forgetting using (memory_id)
union all
select distinct 'gist', gist_id from gist_member semi join forgetting using (memory_id)
union all
select distinct 'insight', insight_id from insight_member semi join forgetting using (memory_id)
