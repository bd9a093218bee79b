import { createHash } from 'node:crypto';
import type pg from 'pg';
import { z } from 'zod';
import { readSql } from '../duckdb/statement.ts';
import { quoteIdentifier } from '../profiles/sql.ts';
import { whyRowRefused } from './failure.ts';
import { noteRejected, type Rejected } from './rejected.ts';
import type { Step, StepContext } from './step.ts';

/** Tables of schema dreams, their keys, and whether each cycle replaces them whole. */
const TABLES = [
  { name: 'working_memory', key: ['target', 'memory_id'] },
  { name: 'short_term_episodes', key: ['target', 'episode_id'] },
  { name: 'long_term_memories', key: ['target', 'memory_id'] },
  { name: 'memory_insights', key: ['target', 'insight_id'] },
  { name: 'semantic_network', key: ['target', 'src', 'dst'], replaced: true },
  { name: 'processing_metrics', key: ['target', 'cycle_id', 'step'] },
  // The last: it also names what the others refused.
  { name: 'rejected_rows', key: ['target', 'position'], replaced: true },
] as const;

type Table = (typeof TABLES)[number];

const SCHEMA = new URL('./write-back.schema.sql', import.meta.url);
/** Two cycles of two targets on one database must not create the schema at the same time; the number is arbitrary but ours. */
const SCHEMA_LOCK = 7_315_244_501;
/** DuckDB's time before all others: nothing has been written back yet. */
const NEVER = '-infinity';
const PAGE_ROWS = 2_000;
const PAGE_BYTES = 16_000_000;
/** Refused rows of one page up to which it is taken to be their fault. */
const MOST_REJECTED = 500;
const pageRow = z.object({ key: z.string(), row: z.string() });

type Page = readonly z.infer<typeof pageRow>[];

const sinceRow = z.object({ since: z.string() });
const goneRow = z.object({ memories: z.string(), episodes: z.string(), insights: z.string() });

/** Gives the cycle's results to schema dreams in PostgreSQL, in one transaction; once more gives the same rows. */
export const writeBackDreams: Step = {
  name: 'writeBackDreams',
  settle: async (context) => {
    const { since } = sinceRow.parse((await context.run('write-back.read-since'))[0]);
    if (!context.commits) return { rows: await eachPage(context, since, () => Promise.resolve([])) };
    const client = await context.postgres.connect();
    try {
      await client.query('begin');
      await ensureSchema(client);
      const target = context.profile.target;
      const from = (await holdsCycle(client, target, since)) ? since : await startOver(client, target);
      await removeGone(context, client, from);
      const rows = await eachPage(context, from, (table, page) => upsertPage(client, target, table, page));
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
async function eachPage(
  { run }: StepContext,
  since: string,
  write: (table: Table, page: Page) => Promise<Rejected[]>,
): Promise<number> {
  let rows = 0;
  for (const table of TABLES) {
    const name = `write-back.select-${table.name.replaceAll('_', '-')}`;
    const rejected: Rejected[] = [];
    for (let after: string | undefined = ''; after !== undefined;) {
      const bounds = { limit: PAGE_ROWS, page_bytes: PAGE_BYTES };
      const page = z.array(pageRow).parse(await run(name, { since, after, ...bounds }));
      rejected.push(...(await write(table, page)));
      rows += page.length;
      after = isFull(page) ? page.at(-1)?.key : undefined;
    }
    await noteRejected(run, `dreams.${table.name}`, rejected);
    rows -= rejected.length;
  }
  return rows;
}

/**
 * Writes a page; rows that PostgreSQL refuses for what is in them are looked for by halves and passed over. A table that
 * refuses whatever it is given is no matter of its rows.
 */
async function upsertPage(client: pg.PoolClient, target: string, table: Table, page: Page): Promise<Rejected[]> {
  if (page.length === 0) return [];
  await client.query('savepoint page');
  try {
    await upsert(client, target, table, `[${page.map(({ row }) => row).join(',')}]`);
    await client.query('release savepoint page');
    return [];
  } catch (error) {
    const reason = whyRowRefused(error);
    if (reason === null) throw error;
    await client.query('rollback to savepoint page');
    const [row] = page;
    if (page.length === 1 && row !== undefined) return [{ id: row.key, reason }];
    const middle = Math.ceil(page.length / 2);
    const rejected = await upsertPage(client, target, table, page.slice(0, middle));
    if (rejected.length > MOST_REJECTED) throw error;
    return [...rejected, ...(await upsertPage(client, target, table, page.slice(middle)))];
  }
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

/** PostgreSQL itself gives each field of the JSON its column's type. */
async function upsert(client: pg.PoolClient, target: string, { name, key }: Table, page: string): Promise<void> {
  const table = `dreams.${quoteIdentifier(name)}`;
  const columns = await columnsOf(client, name);
  const updates = columns
    .filter((column) => !(key as readonly string[]).includes(column))
    .map((column) => `${quoteIdentifier(column)} = excluded.${quoteIdentifier(column)}`);
  await client.query(
    `insert into ${table}
     select (jsonb_populate_record(null::${table}, row || jsonb_build_object('target', $2::text))).*
     from jsonb_array_elements($1::jsonb) row
     on conflict (${key.join(', ')}) do update set ${updates.join(', ')}`,
    [page, target],
  );
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

/** Clears this target's rows; everything is given anew. */
async function startOver(client: pg.PoolClient, target: string): Promise<string> {
  for (const { name } of TABLES) await client.query(`delete from dreams.${name} where target = $1`, [target]);
  return NEVER;
}

async function columnsOf(client: pg.PoolClient, table: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select attname as name from pg_attribute
     where attrelid = to_regclass('dreams.' || $1) and attnum > 0 and not attisdropped`,
    [table],
  );
  return rows.map(({ name }) => name);
}

/** The schema carries the hash of the file that made it, so that a cycle does not redefine what is there already. */
async function ensureSchema(client: pg.PoolClient): Promise<void> {
  const ddl = readSql(SCHEMA);
  const version = `biological-memory ${createHash('md5').update(ddl).digest('hex')}`;
  await client.query('select pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
  const { rows } = await client.query<{ version: string | null }>(
    `select obj_description(to_regnamespace('dreams'), 'pg_namespace') as version`,
  );
  if (rows[0]?.version === version) return;
  await client.query(ddl);
  await client.query(`comment on schema dreams is '${version}'`);
}
