-- lived_night  a night that has been lived, by the cycle that lived it: of a cycle that stands for many days each of them. replayed is how
--              many memories were gone through; last_event_id the newest event that was known, so that what is encoded later is known to
--              have slept through none of the nights before.
create table lived_night (
  cycle_id varchar not null,
  as_of timestamp not null,
  replayed integer not null,
  last_event_id bigint not null,
  primary key (cycle_id, as_of)
);

-- The nights before this was kept: whole cycles, and whatever replayed.
insert into lived_night
select cycle_id, as_of, coalesce((counts->>'$.replayed')::integer, 0), (select coalesce(max(event_id), 0) from event)
from ledger
where step = 'consolidateTraces'
  and (cycle_id in (select cycle_id from ledger where step = 'associateDistantly')
    or cycle_id in (select cycle_id from event where kind = 'replay'));
