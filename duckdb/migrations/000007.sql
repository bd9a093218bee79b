-- A long memory is embedded in parts.
--
--   part   which part of the wording, from 0; a short one has part 0 alone. What was embedded before is part 0: of a long wording it
--          is the mean of its parts, until the memory is reworded or another model embeds it.
alter table embedding rename to embedding_of_whole;

create table embedding (
  memory_id varchar not null,
  model varchar not null,
  part integer not null,
  content_hash varchar not null,
  vector float[] not null,
  compared_at timestamp,
  changed_at timestamp not null,
  primary key (memory_id, model, part)
);

insert into embedding by name select *, 0 as part from embedding_of_whole;

drop table embedding_of_whole;
