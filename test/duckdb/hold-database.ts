import { DuckDBInstance } from '@duckdb/node-api';

// Run by tests as a process of its own: holds the database file argv[2] open for writing, says so, and stays.
const instance = await DuckDBInstance.create(process.argv[2] ?? '');
process.stdout.write('held\n');
setInterval(() => instance, 60_000);
