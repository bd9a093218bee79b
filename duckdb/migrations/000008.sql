-- recall_text  what a question looks for in a memory's text, made once for each wording: its terms (Porter2 stems without stop
--              words, in their order, without its speaker's name), the name that opens it, and whether it asks, tells a time or a
--              number; `version` is raised when they are made otherwise
create table recall_text (
  memory_id varchar primary key,
  content_hash varchar not null,
  version integer not null,
  terms varchar[] not null,
  speaker varchar,
  asks boolean not null,
  tells_time boolean not null,
  tells_number boolean not null
);
