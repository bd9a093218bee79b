-- Whether schema dreams has the table of what was recalled, as it was made, and what the role that asks may do with it; asks the catalog
-- alone, so it needs no right.
select current_user::text as role, c.oid is not null as there,
  coalesce(has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select'), false) as readable,
  coalesce(has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'insert'), false) as writable,
  (select count(*) from pg_attribute a where a.attrelid = c.oid and not a.attisdropped and a.attname in
    ('target', 'recall_id', 'kind', 'memory_id', 'rank', 'agent', 'question_hash', 'question', 'asked_at', 'noted_at', 'recorded_at')
  ) = 11 as whole,
  current_setting('transaction_read_only') = 'on' as read_only
from (select 'dreams' as name) wanted
left join pg_namespace n on n.nspname = wanted.name
left join pg_class c on c.relnamespace = n.oid and c.relname = 'recall_events' and c.relkind in ('r', 'p', 'v', 'f')
