-- What each memory means, as a vector.
--
--   embedding   one vector of length 1 for each living memory and model, which is name@digest; content_hash is that of the
--               wording that was embedded. compared_at: when its nearest neighbours among the same model's were looked for.
--
-- Vectors of different models have nothing to do with each other, not even their length: no statement compares them.
create table embedding (
  memory_id varchar not null,
  model varchar not null,
  content_hash varchar not null,
  vector float[] not null,
  compared_at timestamp,
  changed_at timestamp not null,
  primary key (memory_id, model)
);

alter table llm_usage add column embed_calls integer default 0;
alter table llm_usage add column waiting_for_embedding integer default 0;
