-- Whether schema dreams has what was recalled, and whether the role that asks may read it; asks the catalog alone, so it needs no right.
select c.oid is not null as there,
  coalesce(has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select'), false) as readable,
  (select count(*) from pg_attribute a where a.attrelid = c.oid and not a.attisdropped and a.attname in
    ('target', 'recall_id', 'kind', 'memory_id', 'rank', 'asked_at', 'noted_at', 'recorded_at'))::integer = 8 as whole
from (select 'dreams' as name) wanted
left join pg_namespace n on n.nspname = wanted.name
left join pg_class c on c.relnamespace = n.oid and c.relname = 'recall_events' and c.relkind in ('r', 'p', 'v', 'm', 'f')
