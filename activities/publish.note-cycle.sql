-- From now on this cycle may write: what it writes is for the next additions to the recall file.
insert or replace into changed_cycle values ($as_of::timestamp, false)
