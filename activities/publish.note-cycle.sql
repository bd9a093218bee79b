-- From now on this cycle may write: what it writes is for the next additions to the recall file.
insert or replace into changed_cycle
select $as_of::timestamp, false
where not exists (from changed_cycle where as_of = $as_of::timestamp and not published)
