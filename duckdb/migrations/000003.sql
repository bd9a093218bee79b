-- What asking language models cost and where it was vain. No part of what is remembered: the checksum leaves both out, since
-- seconds, and a model that was out of reach, are not the same twice.
--
--   llm_usage   what each step of each cycle took of the cycle's budget, and how many texts still wait for a model
--   llm_unfit   which texts a model was asked about without a usable answer; made_by is how it would have been signed

create table llm_usage (
  cycle_id varchar not null,
  step varchar not null,
  calls integer not null,
  prompt_tokens bigint not null,
  answer_tokens bigint not null,
  seconds double not null,
  waiting integer not null,
  primary key (cycle_id, step)
);

create table llm_unfit (
  task varchar not null,
  id varchar not null,
  made_by varchar not null,
  tries integer not null,
  primary key (task, id)
);
