-- parameters of a ledger row  a hash of the profile's parameters and scope with which the step was done; null of older rows
alter table ledger add column parameters varchar;

-- weight_step  what has changed the weights of links, in the order in which it did: `strengthen` by the coactivations of that step, `scale`
--              by a factor, which when it falls spares what weighs more than `spared`. With it the weights can be folded again.
create table weight_step (
  step bigint primary key,
  cycle_id varchar not null,
  kind varchar not null check (kind in ('strengthen', 'scale')),
  as_of timestamp not null,
  factor double,
  spared double
);

-- step of a coactivation  the step that strengthened by it; null of those that were before steps were kept
alter table coactivation add column step bigint;

-- first_* of an association  with what the fold of its weight begins, after which step: as it was made, or, of one that was there before
--                            steps were kept, as it was then
alter table association add column first_w double;
alter table association add column first_at timestamp;
alter table association add column first_count integer;
alter table association add column first_step bigint;
update association set first_w = w, first_at = last_at, first_count = co_activation_count, first_step = 0;
