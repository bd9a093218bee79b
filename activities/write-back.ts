import type pg from 'pg';
import { z } from 'zod';
import { noteRejected, type Rejected } from './rejected.ts';
import type { Step, StepContext } from './step.ts';
import { pageSchema, refuseEmptied, upsertPage, type Page } from './write-back.page.ts';
import { ensureSchema } from './write-back.schema.ts';
import { TABLES, type Table } from './write-back.tables.ts';

/** DuckDB's time before all others: nothing has been written back yet. */
const NEVER = '-infinity';
const PAGE_ROWS = 2_000;
const PAGE_BYTES = 16_000_000;
const sinceRow = z.object({ since: z.string() });
const goneRow = z.object({ memories: z.string(), episodes: z.string(), insights: z.string() });

interface Writer {
  /** Gives the rows that were passed over. */
  readonly write: (table: Table, page: Page) => Promise<Rejected[]>;
  /** After the last page of a table, with all that were passed over. */
  readonly end: (table: Table, rejected: readonly Rejected[]) => Promise<void>;
}

/** Of a rehearsal. */
const NOWHERE: Writer = { write: () => Promise.resolve([]), end: () => Promise.resolve() };

/** Gives the cycle's results to schema dreams in PostgreSQL, in one transaction; once more gives the same rows. */
export const writeBackDreams: Step = {
  name: 'writeBackDreams',
  finish: async (context) => {
    const { since } = sinceRow.parse((await context.run('write-back.read-since'))[0]);
    if (!context.commits) return { rows: await eachPage(context, since, NOWHERE) };
    const client = await context.postgres.connect();
    try {
      await client.query('begin');
      await ensureSchema(client, context);
      const target = context.profile.target;
      const from = (await holdsCycle(client, target, since)) ? since : await startOver(client, target);
      await removeGone(context, client, from);
      const rows = await eachPage(context, from, {
        write: (table, page) => upsertPage(client, target, table, page),
        end: (table, rejected) => refuseEmptied(client, target, table, rejected),
      });
      await client.query('commit');
      client.release();
      return { rows };
    } catch (error) {
      // The connection may be the very thing that failed: it is not given back to the pool.
      client.release(true);
      throw error;
    }
  },
};

/** Reads every table page by page, so that a first write-back of a million rows needs the memory of two thousand. */
async function eachPage({ run }: StepContext, since: string, { write, end }: Writer): Promise<number> {
  let rows = 0;
  for (const table of TABLES) {
    const name = `write-back.select-${table.name.replaceAll('_', '-')}`;
    const rejected: Rejected[] = [];
    for (let after: string | undefined = ''; after !== undefined;) {
      const bounds = { limit: PAGE_ROWS, page_bytes: PAGE_BYTES };
      const page = pageSchema.parse(await run(name, { since, after, ...bounds }));
      rejected.push(...(await write(table, page)));
      rows += page.length;
      after = isFull(page) ? page.at(-1)?.key : undefined;
    }
    await end(table, rejected);
    await noteRejected(run, `dreams.${table.name}`, rejected);
    rows -= rejected.length;
  }
  return rows;
}

/** The statement may have stopped at either bound. A row has at least the bytes that it counts. */
function isFull(page: Page): boolean {
  const bytes = page.reduce((sum, { row }) => sum + Buffer.byteLength(row), 0);
  return page.length === PAGE_ROWS || bytes >= PAGE_BYTES;
}

async function removeGone(
  { run, profile: { target } }: StepContext,
  client: pg.PoolClient,
  since: string,
): Promise<void> {
  const gone = goneRow.parse((await run('write-back.select-gone', { since }))[0]);
  const listed = (column: string) => `select jsonb_array_elements_text($1::jsonb) as ${column}`;
  for (const table of ['working_memory', 'long_term_memories']) {
    await client.query(`delete from dreams.${table} where target = $2 and memory_id in (${listed('memory_id')})`, [
      gone.memories,
      target,
    ]);
  }
  const stale = (table: string, key: string) =>
    `delete from dreams.${table} t where target = $2 and not exists (select from (${listed('id')}) k where k.id = t.${key})`;
  await client.query(stale('short_term_episodes', 'episode_id'), [gone.episodes, target]);
  await client.query(stale('memory_insights', 'insight_id'), [gone.insights, target]);
  for (const table of TABLES) {
    if ('replaced' in table) await client.query(`delete from dreams.${table.name} where target = $1`, [target]);
  }
}

/** Whether the schema has what this database last gave it: it may have been dropped, or be another workspace's. */
async function holdsCycle(client: pg.PoolClient, target: string, since: string): Promise<boolean> {
  if (since === NEVER) return false;
  const { rowCount } = await client.query(
    `select from dreams.processing_metrics where target = $1 and as_of = ($2 || 'Z')::timestamptz limit 1`,
    [target, since],
  );
  return rowCount !== 0;
}

/** Clears this target's rows; everything is given again. */
async function startOver(client: pg.PoolClient, target: string): Promise<string> {
  for (const { name } of TABLES) await client.query(`delete from dreams.${name} where target = $1`, [target]);
  return NEVER;
}
