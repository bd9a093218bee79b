-- Every schema of the database that is not PostgreSQL's own, with its tables and views; a schema without any comes once.
select n.nspname::text as "schema", c.relname::text as "table"
from pg_namespace n left join pg_class c on c.relnamespace = n.oid and c.relkind in ('r', 'p', 'v', 'm', 'f')
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
order by n.nspname, c.relname
