-- What each step of the last whole night counted.
create table recall.night as
select step, cycle_id, as_of, counts::varchar as counts
from ledger
where cycle_id = (select max_by(cycle_id, as_of) from ledger where step = 'associateDistantly')
order by step
