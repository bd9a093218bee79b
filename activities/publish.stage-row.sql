-- Whose rows the next file gets: of all memories (`whole`), or of those that were changed since the base was made.
--
--   memory    its row
--   text      what questions look at: its words, vectors, novelty; entities and links
--   trace     its strength and events
--   gone      nothing: it is in the base, and not alive any more
--   episode   the id is an episode's
--   gist, supersession   no id: all of them
create or replace temp table publishing as
with cycle as (
  select as_of from changed_cycle
), reworded as (
  select memory_id from raw_memory where $whole or changed_at in (from cycle)
  union select memory_id from feature where $whole or changed_at in (from cycle)
  union select memory_id from embedding where $whole or changed_at in (from cycle)
  union select memory_id from working_memory where changed_at in (from cycle)
), moved as (
  select episode_id from episode where $whole or changed_at in (from cycle)
), told as (
  from reworded
  union select memory_id from fate where changed_at in (from cycle)
  union select memory_id from episode_member where episode_id in (from moved)
), strengthened as (
  from reworded union select memory_id from trace where changed_at in (from cycle)
), alive as (
  select memory_id from raw_memory where deleted_at is null
)
select 'memory' as part, memory_id from told semi join alive using (memory_id)
union all select 'text', memory_id from reworded semi join alive using (memory_id)
union all select 'trace', memory_id from strengthened semi join alive using (memory_id)
union all
select 'gone', memory_id from raw_memory where not $whole and deleted_at is not null and changed_at in (from cycle)
union all select 'episode', episode_id from moved
union all
select 'gist', null where $whole or exists (from ledger where step = 'learnGists' and as_of in (from cycle))
  or exists (from raw_memory where deleted_at is not null and changed_at in (from cycle))
union all
select 'supersession', null where $whole or exists (from ledger where step = 'linkChanges' and as_of in (from cycle))
