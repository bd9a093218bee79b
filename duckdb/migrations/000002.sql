-- Answers of language models, so that the same question is asked once.
--
-- `key` is a hash of model, function, prompt, schema and options. `used` counts uses, not time: the answers with the
-- lowest are given up first when the cache is full. No part of what is remembered: the checksum leaves it out.
create table llm_cache (
  key varchar primary key,
  model varchar not null,
  text varchar,
  embedding float[],
  prompt_tokens integer not null,
  answer_tokens integer not null,
  bytes bigint not null,
  used bigint not null,
  check ((text is null) <> (embedding is null))
);
