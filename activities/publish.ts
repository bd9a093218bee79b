import { existsSync, renameSync, rmSync } from 'node:fs';
import { z } from 'zod';
import type { DuckDBConnection } from '../duckdb/database.ts';
import { runText } from '../duckdb/statement.ts';
import { quoteLiteral } from '../profiles/sql.ts';
import { FORMAT, nextFiles } from '../recall/paths.ts';
import { readForRecall, READING_VERSION } from '../recall/reading.ts';
import { readCounts, runner, type Step, type StepContext } from './step.ts';

const unreadRows = z.array(z.object({ memory_id: z.string(), content_hash: z.string(), content: z.string() }));

/** Texts read for recall in one chunk; a chunk commits by itself. */
const CHUNK = 5_000;
/** Events of one memory that stand in the file one by one, and times at which it was active with others. */
const KEPT_EVENTS = 100;
/** The tables of a recall file, in the order in which they are made. */
const TABLES = [
  'meta',
  'memory',
  'trace',
  'vector',
  'entity',
  'association',
  'supersession',
  'episode',
  'gist',
  'event',
  'night',
] as const;

/**
 * Publishes the recall file: a copy of what readers need, with an index over its words, put in the place of the one before by an
 * atomic rename. Who has the old one open keeps it. It is made again from the state, so a second attempt gives the same file; a
 * cycle without news leaves it as it is.
 */
export const publishRecall: Step = {
  name: 'publishRecall',
  prepare: async (context) => {
    await readTexts(context);
    const { commits, recallFile } = context;
    if (commits && recallFile !== null && (await isDue(context, recallFile))) await publish(context, recallFile);
  },
  finish: async ({ run }) => readCounts(await run('publish.count')),
};

const publishedRow = z.array(z.object({ cycle_id: z.string(), as_of: z.string() }));

/**
 * Publishes at once what is there now, in place of what the last cycle published; where that cannot be, what it published goes. Gives
 * whether there is a recall file.
 */
export async function publishAgain(work: Pick<StepContext, 'connection' | 'recallFile' | 'report'>): Promise<boolean> {
  const { connection, recallFile: file } = work;
  if (file === null || !existsSync(file)) return false;
  const [last] = publishedRow.parse(await runner(connection, {})('publish.select-last'));
  const isPossible = last !== undefined && (await isFree(work));
  if (isPossible) await publish({ connection, run: runner(connection, last) }, file);
  else rmSync(file);
  return isPossible;
}

async function isDue({ run, ...work }: StepContext, file: string): Promise<boolean> {
  const { changed = 0 } = readCounts(await run('publish.count-changed'));
  if (existsSync(file) && changed === 0) return false;
  return isFree(work);
}

async function isFree({ connection, report }: Pick<StepContext, 'connection' | 'report'>): Promise<boolean> {
  // The index knows its database by this name, so the file cannot be made under another one.
  const taken = await connection.runAndReadAll(`select 1 from duckdb_databases() where database_name = 'recall'`);
  if (taken.currentRowCount === 0) return true;
  report(
    'recall: the profile attaches a database as recall, the name under which the recall file is made. It is not made: give that attachment another alias.',
  );
  return false;
}

/** Reads the texts that have not been read for recall yet. */
export async function readTexts({ run, commit, signal }: StepContext): Promise<void> {
  for (let more = true; more;) {
    signal.throwIfAborted();
    const rows = unreadRows.parse(await run('publish.select-unread', { version: READING_VERSION, limit: CHUNK }));
    const texts = rows.map(({ memory_id, content_hash, content }) => {
      const { terms, speaker, asks, tellsTime, tellsNumber, wording } = readForRecall(content);
      const tells = { tells_time: tellsTime, tells_number: tellsNumber };
      return { memory_id, content_hash, version: READING_VERSION, terms, speaker, asks, ...tells, wording };
    });
    await commit(async () => {
      if (texts.length > 0) await run('publish.write-text', { texts: JSON.stringify(texts) });
      else await run('publish.forget-text');
    });
    more = texts.length > 0;
  }
}

async function publish({ connection, run }: Pick<StepContext, 'connection' | 'run'>, file: string): Promise<void> {
  const [next, ...beside] = nextFiles(file);
  for (const left of [next, ...beside]) rmSync(left, { force: true });
  await runText(connection, 'publish', `attach ${quoteLiteral(next)} as recall`);
  try {
    for (const table of TABLES) await run(`publish.create-${table}`, { format: FORMAT, kept: KEPT_EVENTS });
    await indexWords(connection);
    await runText(connection, 'publish', 'checkpoint recall');
  } finally {
    await runText(connection, 'publish', 'detach recall');
  }
  renameSync(next, file);
}

/** An index for any DuckDB client; recall itself does not need it. Where the profile has no fts it is left out. */
async function indexWords(connection: DuckDBConnection): Promise<void> {
  // Told by a function of its own: a hardened database may not look into the folder of extensions.
  const fts = `select 1 from duckdb_functions() where function_name = 'stem'`;
  if ((await connection.runAndReadAll(fts)).currentRowCount > 0)
    // To DuckDB it is several statements, of which none can be prepared.
    await connection.run(`pragma create_fts_index('recall.main.memory', 'memory_id', 'content')`);
}
