import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { z } from 'zod';
import { messageOf, ServiceError } from '../memory/errors.ts';
import type { Profile } from '../profiles/profile.ts';
import { quoteIdentifier, quoteLiteral } from '../profiles/sql.ts';
import type { ReconnectingDatabase } from './reconnecting.ts';
import { readStore } from './store.ts';

/** What of a profile counts for the rewriting; all else, extensions and attachments above all, is not needed to copy. */
const COUNTS = /^(?:max_memory|memory_limit|threads|worker_threads|temp_directory|force_compression)$/i;
const tableRows = z.array(z.tuple([z.string(), z.string()]));
const versionRow = z.tuple([z.object({ version: z.string().nullable() })]);

/** How an open database is rewritten; null where it is in memory. */
export function rewriting(database: ReconnectingDatabase, profile: Profile): (() => Promise<void>) | null {
  const { path } = readStore(profile);
  if (path === ':memory:') return null;
  return () => database.whileClosed(() => rewriteDatabase(path, profile));
}

/**
 * Rewrites a database file with what is in its tables and nothing else: a deleted row's bytes stay in DuckDB's file, in blocks
 * that are free and in others that still hold its neighbours. The new file takes the place of the old one in one step. Nobody may
 * have the file open. What a killed process spilled to disk goes too.
 * @throws DuckDB's error; the old file is as it was then
 */
async function rewriteDatabase(path: string, profile: Pick<Profile, 'settings' | 'configOptions'>): Promise<void> {
  const settings = { ...profile.configOptions, ...profile.settings };
  // A link to the file stays one.
  const file = realpathSync(path);
  const next = `${file}.next`;
  const instance = await DuckDBInstance.create(':memory:', { temp_directory: `${file}.tmp` });
  const connection = await instance.connect();
  try {
    removeAll(next);
    for (const [name, value] of Object.entries(settings))
      if (COUNTS.test(name)) await connection.run(`set ${quoteIdentifier(name)} = ${quoteLiteral(String(value))}`);
    // What lies in its log is taken into the file, since a log that is left would be taken for the new file's.
    await connection.run(`attach ${quoteLiteral(file)} as old`);
    await connection.run('checkpoint old');
    await connection.run('detach old');
    await connection.run(`attach ${quoteLiteral(file)} as old (read_only)`);
    if (existsSync(`${file}.wal`)) throw new ServiceError(`${file} was written to while it was to be rewritten`);
    const version = await versionOf(connection);
    await connection.run(`attach ${quoteLiteral(next)} as next (storage_version ${quoteLiteral(version)})`);
    await copy(connection);
    await connection.run('detach next');
    chmodSync(next, statSync(file).mode);
    // While the old file is still held, so that no other process opens it in between.
    renameSync(next, file);
    sync(dirname(file));
  } finally {
    connection.closeSync();
    instance.closeSync();
    removeAll(next);
  }
  removeSpilled(settings['temp_directory'] ?? `${file}.tmp`);
}

/** DuckDB copies the tables in an order of its own, which foreign keys may refuse: then they go one by one, until no key is missing. */
async function copy(connection: DuckDBConnection): Promise<void> {
  try {
    await connection.run('copy from database old to next');
    return;
  } catch (error) {
    if (!/foreign key/i.test(messageOf(error))) throw error;
  }
  await connection.run('copy from database old to next (schema)');
  const rows = await connection.runAndReadAll(
    `select schema_name, table_name from duckdb_tables() where database_name = 'old' and not temporary`,
  );
  const insert = (table: readonly [string, string]) => {
    const name = table.map(quoteIdentifier).join('.');
    return connection.run(`insert into next.${name} from old.${name}`);
  };
  for (let waiting = tableRows.parse(rows.getRowsJS()); waiting.length > 0;) {
    const left: typeof waiting = [];
    for (const table of waiting) await insert(table).catch(() => left.push(table));
    // No key was missing: once more, to hear what was.
    if (left.length === waiting.length) for (const table of left) await insert(table);
    waiting = left;
  }
}

/** So that whoever could read the file before still can: a newer format is refused by older programs. */
async function versionOf(connection: DuckDBConnection): Promise<string> {
  const rows = await connection.runAndReadAll(
    `select map_extract_value(tags, 'storage_version') as version from duckdb_databases() where database_name = 'old'`,
  );
  const [{ version }] = versionRow.parse(rows.getRowObjectsJS());
  return version?.replace(/\+$/, '') ?? 'latest';
}

function removeAll(file: string): void {
  for (const suffix of ['', '.wal', '.wal.checkpoint', '.wal.recovery']) rmSync(file + suffix, { force: true });
}

/** DuckDB itself removes all files of this name when it is done with the folder; a process that was killed is not. */
function removeSpilled(folder: unknown): void {
  if (typeof folder !== 'string' || folder === '') return;
  for (const name of listFolder(folder))
    if (name.startsWith('duckdb_temp_')) rmSync(join(folder, name), { force: true });
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** A rename lasts once its folder is on disk. */
function sync(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
