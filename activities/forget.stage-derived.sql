-- What was made of several memories, of which one is forgotten. It is dropped whole: the episodes of its session, as a session is named
-- after its first memory and may come apart, are formed and described again by what is left of them in the next cycle, a gist or an
-- insight in the next night.
create or replace temp table derived as
select 'episode' as kind, episode_id as id from episode
where session_id in (select e.session_id from episode e join episode_member using (episode_id) semi join forgetting using (memory_id))
union all
select distinct 'gist', gist_id from gist_member semi join forgetting using (memory_id)
union all
select distinct 'insight', insight_id from insight_member semi join forgetting using (memory_id)
