import type { DuckDBConnection } from '@duckdb/node-api';
import { listMigrations, pendingOf } from './migration-list.ts';

const FOLDER = new URL('./migrations/', import.meta.url);

/**
 * Brings a database to the newest version, each migration and its record in one transaction.
 * @throws ConfigurationError when a newer version of the program has already opened this database
 */
export async function migrate(connection: DuckDBConnection, path: string): Promise<void> {
  await connection.run('create table if not exists migration (version integer primary key, file varchar not null)');
  const rows = (await connection.runAndReadAll('select max(version) as version from migration')).getRowObjectsJS();
  const version = Number(rows[0]?.['version'] ?? 0);
  const otherwise = `point the profile's path to another file`;
  for (const migration of pendingOf(listMigrations(FOLDER), { version, name: path, otherwise })) {
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
