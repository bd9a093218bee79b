-- insight_draft  what the rules say of a theme (an insight of that id, if it says something): empty where it says nothing, null where it
--                cannot be read. The id stands for all that it rests on, so while the draft is there it is not answered again.
create table insight_draft (
  theme_id varchar primary key,
  content varchar,
  made_by varchar not null
);

-- bereft_learned  gists and insights of which a memory was deleted since they were written: until a night writes them again nobody is shown them
create view bereft_learned as
select gist_id as id from gist_member join raw_memory using (memory_id) where deleted_at is not null
union
select insight_id from insight_member join raw_memory using (memory_id) where deleted_at is not null;
