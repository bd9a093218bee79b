-- What is there of schema dreams, and what the role that asks may do with it; one row, one JSON document. It asks the catalog alone,
-- so it needs no right. `keyed`: it has the column that tells targets apart, as all that we make has.
select jsonb_build_object(
  'role', current_user,
  'database', current_database(),
  'creates_schema', has_database_privilege(current_database(), 'create'),
  'schema', case when n.oid is not null then jsonb_build_object(
    'used', has_schema_privilege(n.oid, 'usage'), 'creates', has_schema_privilege(n.oid, 'create')) end,
  'relations', coalesce((select jsonb_agg(jsonb_build_object(
      'name', c.relname,
      'owned', pg_has_role(c.relowner, 'usage'),
      'written', has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'insert')
        and has_table_privilege(c.oid, 'update') and has_table_privilege(c.oid, 'delete'),
      'keyed', exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'target' and not a.attisdropped))
      order by c.relname)
    from pg_class c where c.relnamespace = n.oid and c.relkind in ('r', 'p', 'v', 'm', 'f')), '[]')
)::text as found
from (select 'dreams' as name) wanted left join pg_namespace n on n.nspname = wanted.name
