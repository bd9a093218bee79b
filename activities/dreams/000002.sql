-- Not breaking. Rows that could not be used, and why.
--
-- Rows of the agents' table, or rows that this schema refused. They stop nobody else's and are used as soon as they have
-- been mended. The first ten thousand are listed.
create table if not exists dreams.rejected_rows (
  target text not null,
  position integer not null,
  step text not null,
  memory_id text,
  column_name text not null,
  reason text not null,
  rows integer not null,
  first_seen_at timestamptz not null,
  as_of timestamptz not null,
  primary key (target, position)
);
