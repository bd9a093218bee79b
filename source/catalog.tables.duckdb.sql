-- The same for a source that DuckDB knows by itself.
select s.schema_name as "schema", t.table_name as "table"
from duckdb_schemas() s left join (
  select database_name, schema_name, table_name from duckdb_tables() union all
  select database_name, schema_name, view_name from duckdb_views() where not internal
) t using (database_name, schema_name)
where s.database_name = $attachment and not s.internal
order by all
