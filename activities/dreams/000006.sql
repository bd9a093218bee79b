-- Not breaking. In which session of its agent an episode was.
--
-- Somebody may have put another kind of relation in the place of the table: it is passed over.
do $apply$ begin
alter table if exists dreams.short_term_episodes add column if not exists session_id text;
comment on column dreams.short_term_episodes.session_id is 'Id of the session, which is that of its first episode: a session is a run of the agent''s memories without stm_duration_minutes (default 30) of silence. It changes when the first memory of the session changes; null of episodes that have not changed since this column came.';

-- The view lists the columns that the table had when it was made; one that was given others since stays as it is.
if (select array_agg(attname order by attnum) from pg_attribute
    where attrelid = to_regclass('dreams.recent_episodes') and attnum > 0 and not attisdropped)
  = (select array_agg(attname order by attnum) from pg_attribute
    where attrelid = to_regclass('dreams.short_term_episodes') and attnum > 0 and not attisdropped and attname <> 'session_id') then
  create or replace view dreams.recent_episodes as select * from dreams.short_term_episodes order by started_at desc;
end if;
exception when undefined_table or undefined_column or wrong_object_type then null;
end $apply$;
