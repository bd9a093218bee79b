import { readdirSync, readFileSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import { ConfigurationError } from '../memory/errors.ts';

const FOLDER = new URL('./migrations/', import.meta.url);

/** Numbers and file names of the migrations that this code has, in order. */
function listMigrations(): { version: number; file: string }[] {
  return readdirSync(FOLDER)
    .filter((file) => /^\d{6}\.sql$/.test(file))
    .sort()
    .map((file) => ({ version: Number(file.slice(0, 6)), file }));
}

/**
 * Brings a database to the newest version, each migration and its record in one transaction.
 * @throws ConfigurationError when a newer version of the program has already opened this database
 */
export async function migrate(connection: DuckDBConnection, path: string): Promise<void> {
  await connection.run('create table if not exists migration (version integer primary key, file varchar not null)');
  const rows = (await connection.runAndReadAll('select max(version) as version from migration')).getRowObjectsJS();
  const present = Number(rows[0]?.['version'] ?? 0);
  const migrations = listMigrations();
  const newest = migrations.at(-1)?.version ?? 0;
  if (present > newest) {
    throw new ConfigurationError(
      `${path}: its version is ${present}, this program knows versions up to ${newest}. ` +
        `A newer biological-memory has opened it: update the program, or point the profile's path to another file.`,
    );
  }
  for (const migration of migrations.filter(({ version }) => version > present)) {
    await connection.run('begin');
    try {
      await connection.run(readFileSync(new URL(migration.file, FOLDER), 'utf8'));
      await connection.run(`insert into migration values (${migration.version}, '${migration.file}')`);
      await connection.run('commit');
    } catch (error) {
      // A failed commit has already ended the transaction; the first error is the one that matters.
      await connection.run('rollback').catch(() => undefined);
      throw error;
    }
  }
}
