-- Memories that no episode holds yet.
create or replace temp table fresh_memory as
select memory_id, agent, created_at from memory anti join episode_member using (memory_id)
