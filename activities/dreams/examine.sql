-- What is there of schema dreams, and what the role that asks may do with it; one row, one JSON document. It asks the catalog alone,
-- so it needs no right. `demands`: the column takes no row without a value.
select jsonb_build_object(
  'role', current_user,
  'database', current_database(),
  'creates_schema', has_database_privilege(current_database(), 'create'),
  'schema', case when n.oid is not null then jsonb_build_object(
    'used', has_schema_privilege(n.oid, 'usage'), 'creates', has_schema_privilege(n.oid, 'create')) end,
  'relations', coalesce((select jsonb_agg(jsonb_build_object(
      'name', c.relname,
      'kind', case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' else 'table' end,
      'owned', pg_has_role(c.relowner, 'usage'),
      'written', has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'insert')
        and has_table_privilege(c.oid, 'update') and has_table_privilege(c.oid, 'delete'),
      'columns', (select coalesce(jsonb_agg(jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
          'demands', a.attnotnull and not a.atthasdef and a.attidentity = '') order by a.attnum), '[]')
        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped))
      order by c.relname)
    from pg_class c where c.relnamespace = n.oid and c.relkind in ('r', 'p', 'v', 'm', 'f')), '[]')
)::text as found
from (select 'dreams' as name) wanted left join pg_namespace n on n.nspname = wanted.name
