import { existsSync } from 'node:fs';
import { DatabaseHeldError, openReadOnly, type Database } from '../../duckdb/database.ts';
import { fail, oneLine, originOf, pass, timed, type Check, type Subject } from './check.ts';
import { askWorker } from './worker.ts';

/** Opens the profile's file to read one row; while it is not there, `scratch` stands in and the check says so. */
export async function checkConnection(subject: Subject, scratch: Database): Promise<Check> {
  const { profile, hide, context } = subject;
  const origin = originOf(context.location, 'path');
  const verdict = 'connection ok';
  const detail = stands(profile.path);
  try {
    const { ms } = await timed(() => (detail === null ? selectFrom(profile.path) : select(scratch)));
    return pass('Connection', 'Connection test', verdict, { ms, ...(detail !== null && { detail }), ...origin });
  } catch (error) {
    if (error instanceof DatabaseHeldError) return askWorker(subject, error);
    return fail('Connection', 'Connection test', '', {
      detail: `the database returned the following error: ${hide(oneLine(error))}`,
      ...origin,
      hint: 'name a DuckDB file that can be read, or ":memory:".',
    });
  }
}

/** Why a database in memory stands for the profile's own; null when that can be opened. */
function stands(path: string): string | null {
  if (path === ':memory:') return 'a database in memory';
  if (/^[a-z][a-z0-9+]+:/i.test(path)) return 'a database in memory stood in: an address is not opened by debug';
  return existsSync(path)
    ? null
    : `${path} does not exist yet: a database in memory stood in, the first run creates it`;
}

async function selectFrom(path: string): Promise<void> {
  const database = await openReadOnly(path);
  try {
    await select(database);
  } finally {
    database.close();
  }
}

async function select(database: Database): Promise<void> {
  await database.use((connection) => connection.run('select 1 as id'));
}
