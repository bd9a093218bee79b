-- What a table is, who may read it, what is unique in it, and what happens when a row is edited; one row, one JSON document. The
-- names of its schema and table are put in for $schema and $table. Newer columns of the catalog are read through to_jsonb, so
-- that a server without them answers, too. Nothing here waits for a lock on the table.
select jsonb_build_object(
  'kind', c.relkind,
  'role', current_user,
  'reads_schema', has_schema_privilege(n.oid, 'usage'),
  'unreadable', coalesce((select jsonb_agg(a.attname order by a.attnum) from pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and not has_column_privilege(c.oid, a.attnum, 'select')), '[]'),
  'hides_rows', row_security_active(c.oid),
  'estimate', greatest(c.reltuples, 0)::bigint,
  'keys', coalesce((select jsonb_agg(jsonb_build_object('name', i.relname, 'primary', x.indisprimary, 'immediate', x.indimmediate,
      'columns', (select jsonb_agg(a.attname order by k.place) from unnest(x.indkey::int2[]) with ordinality k (attnum, place)
        join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
        where k.place <= coalesce((to_jsonb(x)->>'indnkeyatts')::int, x.indnatts)))
      order by not x.indisprimary, x.indnatts, i.relname)
    from pg_index x join pg_class i on i.oid = x.indexrelid
    where x.indrelid = c.oid and x.indisunique and x.indisvalid and x.indpred is null and x.indexprs is null), '[]'),
  'generated', coalesce((select jsonb_agg(a.attname) from pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      and (coalesce(to_jsonb(a)->>'attgenerated', '') <> '' or to_jsonb(a)->>'attidentity' = 'a')), '[]'),
  -- Of pg_trigger.tgtype 1 is FOR EACH ROW, 2 BEFORE, 16 UPDATE; of tgenabled O and A are on in an ordinary session.
  'triggers', coalesce((select jsonb_agg(jsonb_build_object('name', t.tgname, 'source', p.prosrc,
      'arguments', encode(t.tgargs, 'escape'),
      'of', coalesce((select jsonb_agg(a.attname order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum = any (t.tgattr::int2[])), '[]')) order by t.tgname)
    from pg_trigger t join pg_proc p on p.oid = t.tgfoid
    where t.tgrelid = c.oid and not t.tgisinternal and t.tgenabled in ('O', 'A') and t.tgtype & 19 = 19), '[]')
)::text as facts
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = $schema and c.relname = $table
