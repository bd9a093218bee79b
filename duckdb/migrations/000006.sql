-- Rows that a step had to pass over, so that they stop nobody else's; each cycle says again which. No part of what is
-- remembered: the checksum leaves it out.
--
--   step       which step could not use the row; memory_id is the row's key there, null where the row has no id
--   field      what is wrong with it, in our words; column_name is the agents' word for it
--   rows       how many rows of the source the entry stands for
create table rejected_row (
  step varchar not null,
  memory_id varchar,
  field varchar not null,
  column_name varchar not null,
  reason varchar not null,
  rows integer not null,
  first_seen_at timestamp not null,
  changed_at timestamp not null
);
