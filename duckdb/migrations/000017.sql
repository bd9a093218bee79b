-- insight_draft  what the rules say of a theme (an insight of that id, if it says something): empty where it says nothing, null where it
--                cannot be read. basis is what it was answered from: the theme's memories, their words, their vectors, what has replaced
--                what. While that stays, it is not answered again.
create table insight_draft (
  theme_id varchar primary key,
  basis varchar not null,
  content varchar,
  made_by varchar not null
);
