-- The columns of every table and view of a schema, with the type beneath a domain. `kind` says what can be done with a type:
-- text, number, uuid, instant (with a zone), local (without), date, scalar (anything else that can be told apart and put in order),
-- float, boolean, json, list, other. Read by PostgreSQL itself;
-- the name of the schema is put in for $schema, which stands for lower case, too, as a name without quotes does.
select n.nspname::text as "schema", c.relname::text as "table", a.attname::text as "column", format_type(a.atttypid, a.atttypmod) as type,
  current_setting('server_encoding') as encoding,
  case
    when b.typcategory = 'A' then 'list'
    when b.typname in ('json', 'jsonb') then 'json'
    when b.typname = 'timestamptz' then 'instant'
    when b.typname = 'timestamp' then 'local'
    when b.typname = 'date' then 'date'
    when b.typname = 'uuid' then 'uuid'
    when b.typname in ('float4', 'float8', 'money') then 'float'
    when b.typcategory = 'B' then 'boolean'
    when b.typcategory = 'N' then 'number'
    when b.typcategory in ('S', 'E') then 'text'
    when b.typcategory in ('D', 'I', 'T', 'U', 'V') and exists (
      select from pg_opclass o join pg_am m on m.oid = o.opcmethod
      where m.amname = 'btree' and o.opcdefault and o.opcintype = b.oid) then 'scalar'
    else 'other' end as kind
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
cross join lateral (
  with recursive chain as (
    select t.oid, t.typname, t.typcategory, t.typtype, t.typbasetype from pg_type t where t.oid = a.atttypid
    union all
    select t.oid, t.typname, t.typcategory, t.typtype, t.typbasetype
    from chain d join pg_type t on t.oid = d.typbasetype where d.typtype = 'd'
  )
  select oid, typname, typcategory from chain where typtype <> 'd'
) b
where n.nspname in ($schema, lower($schema)) and c.relkind in ('r', 'p', 'v', 'm', 'f')
order by n.nspname, c.relname, a.attnum
