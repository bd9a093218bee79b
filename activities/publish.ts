import { existsSync, renameSync, rmSync } from 'node:fs';
import { z } from 'zod';
import type { DuckDBConnection } from '../duckdb/database.ts';
import { runText } from '../duckdb/statement.ts';
import { messageOf } from '../memory/errors.ts';
import { quoteLiteral } from '../profiles/sql.ts';
import { FORMAT, nextFiles } from '../recall/paths.ts';
import { readForRecall, READING_VERSION } from '../recall/reading.ts';
import { readCounts, type Step, type StepContext } from './step.ts';

const unreadRows = z.array(z.object({ memory_id: z.string(), content_hash: z.string(), content: z.string() }));

/** Texts read for recall in one chunk; a chunk commits by itself. */
const CHUNK = 5_000;
/** The tables of a recall file, in the order in which they are made. */
const TABLES = ['meta', 'memory', 'trace', 'vector', 'entity', 'association', 'episode', 'gist'] as const;

/**
 * Publishes the recall file: a copy of what readers need, with an index over its words, put in the place of the one before by an
 * atomic rename. Who has the old one open keeps it. It is made again from the state, so a second attempt gives the same file.
 */
export const publishRecall: Step = {
  name: 'publishRecall',
  prepare: async (context) => {
    await readTexts(context);
    if (context.commits && context.recallFile !== null) await publish(context, context.recallFile);
  },
  finish: async ({ run }) => readCounts(await run('publish.count')),
};

async function readTexts({ run, commit, signal }: StepContext): Promise<void> {
  for (let more = true; more;) {
    signal.throwIfAborted();
    const rows = unreadRows.parse(await run('publish.select-unread', { version: READING_VERSION, limit: CHUNK }));
    const texts = rows.map(({ memory_id, content_hash, content }) => {
      const { terms, speaker, asks, tellsTime, tellsNumber } = readForRecall(content);
      const tells = { tells_time: tellsTime, tells_number: tellsNumber };
      return { memory_id, content_hash, version: READING_VERSION, terms, speaker, asks, ...tells };
    });
    await commit(async () => {
      if (texts.length > 0) await run('publish.write-text', { texts: JSON.stringify(texts) });
      else await run('publish.forget-text');
    });
    more = texts.length > 0;
  }
}

async function publish({ connection, run, report }: StepContext, file: string): Promise<void> {
  const [next, ...beside] = nextFiles(file);
  for (const left of [next, ...beside]) rmSync(left, { force: true });
  await runText(connection, 'publish', `attach ${quoteLiteral(next)} as recall`);
  try {
    for (const table of TABLES) await run(`publish.create-${table}`, { format: FORMAT });
    await indexWords(connection, report);
    await runText(connection, 'publish', 'checkpoint recall');
  } finally {
    await runText(connection, 'publish', 'detach recall');
  }
  if (existsSync(next)) renameSync(next, file);
}

/** An index for any DuckDB client; recall itself does not need it. Where the profile has no fts it is left out. */
async function indexWords(connection: DuckDBConnection, report: (line: string) => void): Promise<void> {
  try {
    await connection.run(`pragma create_fts_index('recall.main.memory', 'memory_id', 'content')`);
  } catch (error) {
    report(`recall: the file has no full-text index for other programs (${messageOf(error).split('\n')[0] ?? ''})`);
  }
}
