select t.table_name from duckdb_tables() t join duckdb_databases() d using (database_name)
where d.database_name = current_database() and not d.readonly and t.schema_name = current_schema() and t.table_name = 'llm_cache'
