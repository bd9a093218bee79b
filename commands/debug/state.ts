import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { openReadOnly, type Database, type DuckDBConnection } from '../../duckdb/database.ts';
import { createFormulas } from '../../duckdb/macros.ts';
import { readPending } from '../../duckdb/migrations.ts';
import { describeUnfitStore, readStore } from '../../duckdb/store.ts';
import { hasSource } from '../../profiles/profile.ts';
import { quoteIdentifier } from '../../profiles/sql.ts';
import { fail, oneLine, originOf, pass, warn, type Check, type Subject } from './check.ts';

const SECTION = 'Storage';

/** Whether the pipeline may keep its tables in the output's database; as a profile of dbt's that may not matter. */
export function checkStore({ profile, context, hide }: Subject): Check[] {
  const unfit = describeUnfitStore(profile, readStore(profile));
  if (unfit === null) return [];
  const given = { detail: hide(unfit), ...originOf(context.location, 'path') };
  const hint = 'name a DuckDB file that may be written to.';
  const [name, verdict] = ['state', 'cannot be kept'] as const;
  return [hasSource(profile) ? fail(SECTION, name, verdict, { ...given, hint }) : warn(SECTION, name, verdict, given)];
}

/** How far the tables of the state have been brought. Of a file that cannot be opened the connection test tells. */
export async function checkMigrations({ profile, context, hide }: Subject): Promise<Check[]> {
  const { path, type } = readStore(profile);
  if (path === ':memory:' || type !== 'duckdb' || !existsSync(resolve(path))) return [];
  const database = await openReadOnly(resolve(path)).catch(() => null);
  if (database === null) return [];
  const origin = originOf(context.location, 'path');
  try {
    const { version, pending } = await database.use((connection) => readState(connection, profile.schema, path));
    const next = pending.at(-1)?.version;
    if (version === 0)
      return [pass(SECTION, 'state', 'none yet', { detail: 'the first run makes its tables.', ...origin })];
    const detail = next === undefined ? 'up to date.' : `the next run brings it to version ${String(next)}.`;
    return [pass(SECTION, 'state', `version ${String(version)}`, { detail, ...origin })];
  } catch (error) {
    const hint = 'update the program, or name another file.';
    return [fail(SECTION, 'state', 'cannot be used', { detail: hide(oneLine(error)), ...origin, hint })];
  } finally {
    database.close();
  }
}

async function readState(connection: DuckDBConnection, schema: string, path: string) {
  const found = await connection.runAndReadAll(
    'select 1 from duckdb_schemas() where database_name = current_database() and schema_name = $1',
    [schema],
  );
  if (found.currentRowCount === 0) return { version: 0, pending: [] };
  await connection.run(`use ${quoteIdentifier(schema)}`);
  return readPending(connection, path);
}

/** The parameters and formulas, made in memory; nothing is said while all is well. */
export async function checkMacros({ profile, hide }: Subject, scratch: Database): Promise<Check[]> {
  try {
    await scratch.use((connection) => createFormulas({ connection, profile }));
    return [];
  } catch (error) {
    const hint = 'this is a fault of the program: please report it.';
    return [fail(SECTION, 'formulas', 'cannot be made', { detail: hide(oneLine(error)), hint })];
  }
}
