import type { DuckDBConnection } from '@duckdb/node-api';
import { listMigrations, pendingOf, type Migration } from './migration-list.ts';

const FOLDER = new URL('./migrations/', import.meta.url);

/**
 * Brings a database to the newest version, each migration and its record in one transaction.
 * @throws ConfigurationError when a newer version of the program has already opened this database
 */
export async function migrate(connection: DuckDBConnection, path: string): Promise<void> {
  await connection.run('create table if not exists migration (version integer primary key, file varchar not null)');
  const { pending } = await readPending(connection, path);
  for (const migration of pending) {
    await connection.run('begin');
    try {
      await connection.run(migration.sql);
      await connection.run(`insert into migration values (${migration.version}, '${migration.file}')`);
      await connection.run('commit');
    } catch (error) {
      // A failed commit has already ended the transaction; the first error is the one that matters.
      await connection.run('rollback').catch(() => undefined);
      throw error;
    }
  }
}

/**
 * How far a database has been brought, and what it lacks; version 0: none of it is there. Only reads.
 * @throws ConfigurationError when a newer version of the program has already opened this database
 */
export async function readPending(
  connection: DuckDBConnection,
  path: string,
): Promise<{ readonly version: number; readonly pending: readonly Migration[] }> {
  const there = `select 1 from duckdb_tables() where database_name = current_database() and schema_name = current_schema()
    and table_name = 'migration'`;
  const isThere = (await connection.runAndReadAll(there)).currentRowCount > 0;
  const newest = isThere ? await connection.runAndReadAll('select max(version) as version from migration') : undefined;
  const version = Number(newest?.getRowObjectsJS()[0]?.['version'] ?? 0);
  const otherwise = `point the profile's path to another file`;
  return { version, pending: pendingOf(listMigrations(FOLDER), { version, name: path, otherwise }) };
}
