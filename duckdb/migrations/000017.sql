-- insight_draft  what the rules say of a theme, empty where it says nothing and null where it cannot be read; basis is what it was answered
--                from: its memories, their words, their vectors, what has replaced what. While that stays, it is not answered again.
create table insight_draft (
  insight_id varchar primary key,
  basis varchar not null,
  content varchar,
  made_by varchar not null
);
