-- One round of label propagation (Raghavan, Albert & Kumara 2007): each memory takes the label that its links vote for. In
-- a round that is `$halved`, half of them, chosen by hash, keep theirs, or two halves would swap labels for ever.
create or replace temp table next_label as
with directed as (
  select a as src, b as dst, w from link union all select b, a, w from link
), vote as (
  select d.src as memory_id, l.label, exact_sum(d.w) as weight
  from directed d join label l on l.memory_id = d.dst
  group by d.src, l.label
), choice as (
  select memory_id, arg_max(label, (weight, hash(label + $round))) as label from vote group by memory_id
)
select l.memory_id,
  case when $halved and hash(l.memory_id || $round::varchar) % 2 = 0 then l.label else c.label end as label
from label l join choice c using (memory_id)
