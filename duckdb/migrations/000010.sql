-- forgotten  what was forgotten on request: SHA-256 of each id, so that a row which is still, or again, in the agents' table is never
--            taken over. memory_id stands there until the memory is erased from all tables; rewritten_at is when the database file was
--            rewritten without it. Where one of the two times is missing, the next cycle or request goes on. The checksum leaves it out.
create table forgotten (
  id_hash varchar primary key,
  memory_id varchar,
  asked_at timestamp not null,
  erased_at timestamp,
  rewritten_at timestamp,
  check ((memory_id is null) = (erased_at is not null))
);
