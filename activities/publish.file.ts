import { randomUUID } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { z } from 'zod';
import type { DuckDBConnection } from '../duckdb/database.ts';
import { runText } from '../duckdb/statement.ts';
import { transact } from '../duckdb/transaction.ts';
import { quoteLiteral } from '../profiles/sql.ts';
import { additionsOf, FORMAT, nextFiles, stampOf } from '../recall/paths.ts';
import { READING_VERSION } from '../recall/reading.ts';
import type { StepContext } from './step.ts';

/** What publishing works with. */
export type Publishing = Pick<StepContext, 'connection' | 'run'>;

/** Which base additions go on from, and whose vectors both hold. */
interface Origin {
  readonly baseId: string;
  readonly model: string | null;
}

/** How a file is made: where it changes, the next one is a whole one. */
export const VERSION = `${String(FORMAT)}.${String(READING_VERSION)}`;

/** Events of one memory that stand in the file one by one, and times at which it was active with others. */
const KEPT_EVENTS = 100;
/** Numbers of memories that are not in the base; no base has so many, and DuckDB's INTEGER goes on for as many again. */
const FIRST_NUMBER = 1_000_000_000;
/** What makes the tables of a recall file and of its additions, in order. */
const STATEMENTS = [
  ...(['create-meta', 'create-replaced', 'create-memory', 'create-trace', 'create-vector', 'fill-vector'] as const),
  ...(['create-entity', 'create-association', 'create-supersession', 'create-episode', 'create-gist'] as const),
  ...(['create-event', 'create-night', 'create-forgotten'] as const),
];

/** Publishes all memories, with an index over their words. What is there is replaced in one step; the additions to it go afterwards. */
export async function publishBase(publishing: Publishing, file: string, model: string | null): Promise<void> {
  const { run } = publishing;
  const origin = { baseId: randomUUID(), model };
  await run('publish.stage-row', { whole: true });
  await run('publish.number-all');
  await make(publishing, file, { ...origin, place: file, whole: true });
  // A reader that comes between the two knows by its base that the old additions are not of this one.
  rmSync(additionsOf(file), { force: true });
  await transact(publishing.connection, async () => {
    await run('publish.forget-file');
    await record(publishing, 'base', origin, file);
    await run('publish.forget-cycle', { whole: true });
  });
}

/** Publishes the staged rows as the additions to a base, in place of those before. */
export async function publishAdditions(publishing: Publishing, file: string, origin: Origin): Promise<void> {
  const { connection, run } = publishing;
  const place = additionsOf(file);
  await runText(connection, 'publish', `attach ${quoteLiteral(file)} as recall_base (read_only)`);
  try {
    await run('publish.number-changed', { first_number: FIRST_NUMBER });
  } finally {
    await runText(connection, 'publish', 'detach recall_base');
  }
  await make(publishing, file, { ...origin, place, whole: false });
  await transact(connection, async () => {
    await record(publishing, 'day', origin, place);
    await run('publish.mark-cycle');
  });
}

/** The index knows its database by its name, so the file cannot be made under another one. */
export async function isNameFree({ connection, report }: Pick<StepContext, 'connection' | 'report'>): Promise<boolean> {
  const taken = await connection.runAndReadAll(
    `select database_name from duckdb_databases() where database_name in ('recall', 'recall_base')`,
  );
  const name = z.array(z.tuple([z.string()])).parse(taken.getRowsJS())[0]?.[0];
  if (name === undefined) return true;
  report(
    `recall: the profile attaches a database as ${name}, the name under which the recall file is made. It is not made: give that attachment another alias.`,
  );
  return false;
}

/** Makes a file of what is staged, as of one moment, and puts it in its place by a rename: a reader sees all of it or nothing. */
async function make(
  { connection, run }: Publishing,
  file: string,
  { place, whole, baseId, model }: Origin & { readonly place: string; readonly whole: boolean },
): Promise<void> {
  const [next, ...beside] = nextFiles(file);
  const clear = () => {
    for (const left of [next, ...beside]) rmSync(left, { force: true });
  };
  clear();
  const isIndexed = whole && (await hasFullText(connection));
  // Nothing is lost with a file that was not finished, so it needs no log. Small blocks: the additions are a few rows in each table.
  // Small row groups in the base: DuckDB passes over those that hold none of the rows asked for, and five memories are looked up in 2 ms of CPU
  // in place of 6.
  const options = `recovery_mode no_wal_writes, ${whole ? 'row_group_size 8192' : 'block_size 16384'}`;
  await runText(connection, 'publish', `attach ${quoteLiteral(next)} as recall (${options})`);
  try {
    // One transaction: one commit in place of twelve, each of which waits for the disk.
    await transact(connection, async () => {
      const bound = { format: FORMAT, kept: KEPT_EVENTS, first_number: FIRST_NUMBER, base_id: baseId, model, whole };
      for (const statement of STATEMENTS) await run(`publish.${statement}`, bound);
    });
    // An index for any DuckDB client; recall itself does not need it. To DuckDB it is several statements, of which none can be prepared,
    // and which set something that a hardened database does not let them set within a transaction.
    if (isIndexed) await connection.run(`pragma create_fts_index('recall.main.memory', 'memory_id', 'content')`);
    await runText(connection, 'publish', 'checkpoint recall');
    await runText(connection, 'publish', 'detach recall');
  } catch (error) {
    await connection.run('detach database if exists recall').catch(() => undefined);
    clear();
    throw error;
  }
  renameSync(next, place);
}

async function record(
  { run }: Publishing,
  part: 'base' | 'day',
  { baseId, model }: Origin,
  path: string,
): Promise<void> {
  await run('publish.record-file', { part, base_id: baseId, version: VERSION, model, stamp: stampOf(path) });
}

/** Told by using it: a hardened database may not look into the folder of extensions, and the list of functions takes 25 ms. */
async function hasFullText(connection: DuckDBConnection): Promise<boolean> {
  return connection.run(`select stem('told', 'porter')`).then(
    () => true,
    () => false,
  );
}
