-- wording  the same number for texts that say the same in the same words; texts that were read before are read again, as their version
--          is an older one
alter table recall_text add column wording bigint default 0;

-- supersession  a newer memory that restates what an older one states: the sentence that differs, how much speaks for it, and by what
--               it was found; for answers and readers: it changes neither memory
create table supersession (
  newer varchar not null,
  older varchar not null,
  sentence varchar not null,
  score double not null,
  made_by varchar not null,
  changed_at timestamp not null,
  primary key (newer, older)
);
