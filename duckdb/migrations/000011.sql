-- Where the recall file stands, and what has changed since. No part of what is remembered: the checksum leaves both out.
--
--   published_file   the recall file (part base) and its additions (part day) as they were put in place: `stamp` tells each from any
--                    other file in its place, base_id from which base the additions go on, version how both are made, model whose
--                    vectors they hold
--   changed_cycle    times of the cycles that have written since the base was made; published: the additions hold what they wrote

create table published_file (
  part varchar primary key check (part in ('base', 'day')),
  base_id varchar not null,
  version varchar not null,
  model varchar,
  stamp varchar not null
);

create table changed_cycle (
  as_of timestamp primary key,
  published boolean not null
);
