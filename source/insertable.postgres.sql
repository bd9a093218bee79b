-- Whether rows can be written to a table or view, by a role with the right to. Of the bits 8 is INSERT; triggers INSTEAD OF count.
select pg_relation_is_updatable(c.oid, true) & 8 = 8 as insertable
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = $schema and c.relname = $table
