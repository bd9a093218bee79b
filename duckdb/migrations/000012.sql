-- A term is known by its number, a hash of 32 bits, wherever it is kept: no dictionary is needed, and a file loads twenty times as fast. All
-- texts are read again by the next cycle.
drop table recall_text;
create table recall_text (
  memory_id varchar primary key,
  content_hash varchar not null,
  version integer not null,
  terms uinteger[] not null,
  speaker varchar,
  asks boolean not null,
  tells_time boolean not null,
  tells_number boolean not null
);
