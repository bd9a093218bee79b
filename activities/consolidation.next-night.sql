-- The next night that this cycle has to live, if there is one. Nights are whole days before asOf, the last is asOf itself, and none is
-- within half a day of one that was lived: each day is slept once, in however many cycles. What was encoded since another cycle lived a
-- night (newcomers) has slept through none: of the nights that were lived before it came it lives its own part, alone (is_late). After a
-- night in which nothing was left to replay, time passes until there is news.
with other as (
  select max(as_of) as last, coalesce(max(last_event_id), 0) as last_event_id from lived_night where cycle_id <> $cycle_id
), own as (
  select max(as_of) as last, max_by(replayed, as_of) as replayed from lived_night where cycle_id = $cycle_id
), newcomer as (
  select min(ts) as first from event where kind = 'encode' and event_id > (select last_event_id from other)
), news as (
  select min(e.ts) as ts from event e, other, own
  where e.kind in ('encode', 'recall') and e.ts > own.last
    and (e.ts > coalesce(other.last, '-infinity') or e.event_id > other.last_event_id)
), due as (
  select other.last, other.last_event_id, own.last is null as is_first, least(other.last, newcomer.first) as since, case
      when own.last is null then coalesce(least(other.last, newcomer.first) + interval 12 hour, $as_of::timestamp)
      when own.replayed > 0 then own.last + interval 12 hour
      else greatest(own.last + interval 12 hour, least(coalesce(news.ts, $as_of::timestamp), $as_of::timestamp)) end as due
  from other, own, newcomer, news
), night as (
  select *, $as_of::timestamp - to_days(greatest(0, floor(days_between(due, $as_of)))::integer) as night from due
  where due <= $as_of::timestamp or (is_first and last is null)
)
select strftime(night, '%Y-%m-%dT%H:%M:%S.%fZ') as night, is_first as "isFirst", night = $as_of::timestamp as "isLast",
  coalesce(night <= last + interval 12 hour, false) as "isLate", last_event_id::double as "newcomersAfter",
  greatest(0, round(days_between(since, night)))::integer as lived, greatest(1, round(days_between(since, $as_of)))::integer as days
from night
