import { statSync } from 'node:fs';
import type pg from 'pg';
import { z } from 'zod';
import type { DuckDBConnection } from '../duckdb/database.ts';
import { runText } from '../duckdb/statement.ts';
import { readStore } from '../duckdb/store.ts';
import { transact } from '../duckdb/transaction.ts';
import type { Counts, ForgetInput, ForgetOutcome, ForgetReceipt } from '../memory/types.ts';
import { classify } from './failure.ts';
import { communities, eraseFromDreams, targetsBeside } from './forget.dreams.ts';
import { deleteRows, holdsRows, readTexts, textRows } from './forget.source.ts';
import { STATE_TABLES } from './forget.tables.ts';
import { searchTraces } from './forget.trace.ts';
import { NOTHING_WANTED, wantedOf } from './forget.wanted.ts';
import { publishAgain, withdraw } from './publish.ts';
import {
  attemptOfActivity,
  beating,
  countChanged,
  runner,
  useInterruptibly,
  type Attempt,
  type Dependencies,
  type StepContext,
} from './step.ts';

const json = <T extends z.ZodType>(schema: T) => z.string().transform((text) => schema.parse(JSON.parse(text)));
const knownRows = z.array(z.object({ memory_id: z.string(), forgotten: z.boolean() }));
const pendingRow = z.tuple([z.object({ ids: json(z.array(z.string())), unwritten: z.number() })]);
const renamedRow = z.tuple([z.object({ communities: json(communities) })]);

/** What the body of a forgetting works with. */
interface Work extends Dependencies {
  readonly connection: DuckDBConnection;
  readonly run: StepContext['run'];
  readonly client: pg.PoolClient;
}

/**
 * Erases memories everywhere, looks whether anything is left, and gives a receipt. What is asked for is noted first, so that after a kill
 * the next attempt, request or cycle goes on; every step may be done twice. Of an unknown id nothing is erased, nor of those beside it.
 */
export async function forgetMemories(
  dependencies: Dependencies,
  { ids, asOf }: ForgetInput,
  attempt = attemptOfActivity(),
): Promise<ForgetOutcome> {
  return beating(attempt, async () => {
    const { unknown, already } = await working(dependencies, attempt, asOf, (work) => request(work, ids));
    if (unknown.length > 0) return { status: 'unknown', ids: unknown };
    const done = (await isPending(dependencies)) ? await carryOut(dependencies, asOf, attempt) : NOTHING;
    return { status: 'forgotten', receipt: { ...done, asOf, already } };
  });
}

/**
 * Goes on with what a killed attempt has left; without such it is one look into a table. What cannot be done now is told and left to the
 * next cycle: no cycle fails of it.
 */
export async function finishForgetting(
  dependencies: Dependencies,
  asOf: string,
  attempt = attemptOfActivity(),
): Promise<void> {
  if (!(await isPending(dependencies))) return;
  const { report } = dependencies;
  try {
    const { forgotten, found } = await beating(attempt, () => carryOut(dependencies, asOf, attempt));
    const left = found.length === 0 ? 'no trace is left' : `traces in ${found.map(({ place }) => place).join(', ')}`;
    report(`forget: went on with what was broken off: ${String(forgotten)} erased, ${left}`);
  } catch (error) {
    attempt.signal.throwIfAborted();
    report(`forget: what was broken off cannot be finished now, the next cycle tries again: ${classify(error).words}`);
  }
}

async function isPending({ database }: Dependencies): Promise<boolean> {
  return database.use(async (connection) => {
    const [{ unwritten }] = pendingRow.parse(await runner(connection, {})('forget.select-pending'));
    return unwritten > 0;
  });
}

/** Notes the request, unless there is an id in it that nobody knows. */
async function request({ run, connection, client, profile }: Work, ids: readonly string[]) {
  const known = knownRows.parse(await run('forget.select-known', { ids: JSON.stringify(ids) }));
  const inSource = await holdsRows(client, connection, profile, ids);
  const held = new Set([...known.map(({ memory_id }) => memory_id), ...inSource]);
  const unknown = [...new Set(ids)].filter((id) => !held.has(id));
  const isDone = new Set(known.filter(({ forgotten }) => forgotten).map(({ memory_id }) => memory_id));
  const asked = [...held].filter((id) => !isDone.has(id) || inSource.includes(id));
  if (unknown.length === 0 && asked.length > 0) await run('forget.request', { ids: JSON.stringify(asked) });
  return { unknown, already: held.size - asked.length };
}

async function carryOut(
  dependencies: Dependencies,
  asOf: string,
  attempt: Attempt,
): Promise<Omit<ForgetReceipt, 'asOf' | 'already'>> {
  const { signal } = attempt;
  const { wanted, ...erased } = await working(dependencies, attempt, asOf, eraseAll);
  signal.throwIfAborted();
  const rewritten = await rewrite(dependencies);
  signal.throwIfAborted();
  const { found, ...search } = await working(dependencies, attempt, asOf, async (work) => {
    await work.run('forget.note-rewritten');
    return searchTraces(work, wanted);
  });
  return { ...erased, rewritten, search: { ...wanted.counts, ...search }, found };
}

/** From the agents' table, schema dreams and the state, in this order: what is still to be erased stands in the state. */
async function eraseAll(work: Work) {
  const { run, connection, client, profile } = work;
  const [{ ids }] = pendingRow.parse(await run('forget.select-pending'));
  const { target } = profile;
  if (ids.length === 0) return { ...NOTHING, published: await publishWithout(work), wanted: NOTHING_WANTED };
  for (const what of ['memory', 'derived', 'community']) await run(`forget.stage-${what}`);
  const [{ communities: renamed }] = renamedRow.parse(await run('forget.select-community'));
  const held = textRows.parse(await run('forget.select-text'));
  const wanted = await wantedOf(connection, ids, [...held, ...(await readTexts(client, profile, ids))]);
  const source = await deleteRows(client, connection, profile, ids);
  const elsewhere = await targetsBeside(client, { target, ids });
  const ofDreams = await eraseFromDreams(client, { target, ids, renamed });
  const ofState = await transact(connection, () => eraseFromState(work));
  const published = await publishWithout(work);
  return { forgotten: ids.length, source, erased: { ...ofState, ...ofDreams }, elsewhere, published, wanted };
}

/** A recall file that cannot be made again must not stay as it is: the next cycle makes it. */
async function publishWithout(work: Work): Promise<boolean> {
  try {
    return await publishAgain(work);
  } catch (error) {
    if (work.recallFile !== null) withdraw(work.recallFile);
    work.report(
      `forget: the recall file cannot be made again now (${classify(error).words}); it is taken away until the next cycle`,
    );
    return false;
  }
}

/** Of a request for what was forgotten before. */
const NOTHING: Omit<ForgetReceipt, 'asOf' | 'already'> = {
  forgotten: 0,
  source: { deleted: 0, left: 0, why: null, sql: null },
  erased: {},
  rewritten: null,
  published: false,
  elsewhere: [],
  search: { ids: 0, parts: 0, shared: 0, withoutText: 0, tables: 0, files: 0, bytes: 0 },
  found: [],
};

async function eraseFromState({ run, connection }: Work): Promise<Counts> {
  const erased: Record<string, number> = {};
  for (const [table, condition] of Object.entries(STATE_TABLES))
    if (condition !== null)
      erased[`main.${table}`] = countChanged(
        await runText(connection, table, `delete from ${table} where ${condition}`),
      );
  for (const statement of ['rename-network', 'rename-gist', 'blank-watermark', 'note-erased'])
    await run(`forget.${statement}`);
  return erased;
}

async function rewrite({ rewrite, profile }: Dependencies): Promise<ForgetReceipt['rewritten']> {
  if (rewrite === null) return null;
  const size = () => statSync(readStore(profile).path).size;
  const before = size();
  await rewrite();
  return { before, after: size() };
}

/** Lends a connection to each database. */
async function working<T>(
  dependencies: Dependencies,
  attempt: Attempt,
  asOf: string,
  body: (work: Work) => Promise<T>,
): Promise<T> {
  const client = await dependencies.postgres.connect();
  let failed = true;
  try {
    const result = await useInterruptibly(dependencies.database, attempt, (connection) =>
      body({ ...dependencies, connection, client, run: runner(connection, { as_of: asOf }) }),
    );
    failed = false;
    return result;
  } finally {
    // One that may be the very thing that failed is not given back to the pool.
    client.release(failed);
  }
}
