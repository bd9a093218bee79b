-- The same for a source that DuckDB knows by itself: another DuckDB file, SQLite, MySQL.
select schema_name as "schema", table_name as "table", column_name as "column", data_type as type, 'UTF8' as encoding,
  case
    when data_type like '%]' then 'list'
    when data_type = 'JSON' then 'json'
    when data_type in ('VARCHAR', 'TEXT', 'CHAR') or data_type like 'ENUM%' then 'text'
    when data_type = 'TIMESTAMP WITH TIME ZONE' then 'instant'
    when data_type like 'TIMESTAMP%' then 'local'
    when data_type = 'DATE' then 'date'
    when data_type in ('FLOAT', 'DOUBLE') then 'float'
    when data_type = 'BOOLEAN' then 'boolean'
    when data_type like 'DECIMAL%' or data_type like '%INT' or data_type like '%INTEGER' then 'number'
    when data_type = 'UUID' then 'uuid'
    when data_type in ('BLOB', 'TIME') then 'scalar'
    else 'other' end as kind
from duckdb_columns()
where database_name = $attachment and lower(schema_name) = lower($schema)
order by table_name, column_index
