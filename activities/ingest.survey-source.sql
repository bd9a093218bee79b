-- What of the agents' table cannot be taken, by field and reason, with the first ids of each; without a field: all rows. Each row
-- is read once.
with source_fault as materialized (
  select memory_id, fault.field as field, fault.reason as reason from source_memory
), shared as (
  select memory_id, count(*) as rows from source_fault where memory_id <> '' group by memory_id having count(*) > 1
), found as (
  select 'id' as field, 'stands in more than one row' as reason, memory_id, rows from shared
  union all
  select field, reason, memory_id, 1 from source_fault anti join shared using (memory_id) where field is not null
)
select null as field, null as reason, count(*)::integer as rows, [] as ids from source_fault
union all
select field, reason, sum(rows)::integer,
  coalesce(list_sort(list(distinct memory_id) filter (memory_id is not null))[:3], []) from found group by field, reason
order by rows desc
