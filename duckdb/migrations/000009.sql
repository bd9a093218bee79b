-- recall_feedback  of what use a recalled memory was, copied from dreams.recall_events: 'used' or 'wrong'; rank is its place in the
--                  answer. asked_at is when the question was asked, noted_at when it was graded, both in the time of the memories;
--                  recorded_at when that was written, by PostgreSQL's clock, from which new ones are looked for. folded_in is the cycle
--                  that made events and coactivations of it, null while it waits. The checksum leaves it out.
create table recall_feedback (
  recall_id varchar not null,
  memory_id varchar not null,
  kind varchar not null check (kind in ('used', 'wrong')),
  rank integer not null,
  asked_at timestamp not null,
  noted_at timestamp not null,
  recorded_at timestamp not null,
  folded_in varchar,
  primary key (recall_id, memory_id)
);
