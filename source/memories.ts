import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { ConfigurationError } from '../memory/errors.ts';
import type { Pipeline, Profile } from '../profiles/profile.ts';
import { quoteIdentifier } from '../profiles/sql.ts';
import { examineSource } from './catalog.ts';
import { toRow } from './entry-row.ts';
import { findKey, readFacts, readInsertable, type Facts } from './facts.ts';
import { describeMisfit, isMisfit, judgeFit, type FittedSource } from './fit.ts';
import type { JournalEntry } from './journal.ts';
import { describeMissing, describeReadOnly, describeWriteError } from './write-error.ts';

type Source = Pipeline['source'];
type Entries = AsyncIterable<JournalEntry> | Iterable<JournalEntry>;
type Row = Record<string, unknown>;
type Placed = Pick<Profile, 'file' | 'name' | 'target' | 'pipeline'>;

/** Rows sent in one statement. */
const BATCH = 1_000;
/** Characters sent in one statement; a few memories may be a megabyte each. */
const BATCH_LENGTH = 8_000_000;

/** The agents' table as it is, to write to. */
export interface Table {
  readonly fitted: FittedSource;
  readonly facts: Facts;
  readonly insertable: boolean;
}

/** Creates `public.memories` where there is none. */
export async function createMemories(client: pg.ClientBase): Promise<void> {
  await client.query(readFileSync(new URL('./memories.create.sql', import.meta.url), 'utf8'));
}

/** @throws ConfigurationError with every reason why the profile does not fit the table */
export async function openTable(client: pg.ClientBase, profile: Placed): Promise<Table> {
  const { source } = profile.pipeline;
  const ask = async (sql: string) => (await client.query<Row>(sql)).rows;
  const fitted = judgeFit(await examineSource(source, 'postgres', ask));
  if (isMisfit(fitted))
    throw new ConfigurationError(fitted.map((misfit) => describeMisfit(profile, misfit)).join('\n'));
  const names = { ...source, schema: fitted.schema, table: fitted.table };
  return { fitted, facts: await readFacts(ask, names), insertable: await readInsertable(ask, names) };
}

/**
 * Writes entries to the agents' table, in one transaction: all or none. An entry that is there already is replaced only by a
 * later one, and left alone with `keep` or where the table's ids are not unique by themselves. Where the database makes the ids, one that was
 * written with the same text at the same time is there already. Gives the number of rows written.
 * @throws ConfigurationError, ServiceError with what PostgreSQL does not take and what to do
 */
export async function writeMemories(
  client: pg.ClientBase,
  profile: Placed,
  entries: Entries,
  { keep = false }: { readonly keep?: boolean } = {},
): Promise<number> {
  const table = await openTable(client, profile);
  if (!table.insertable) throw new ConfigurationError(describeReadOnly(tableOf(table.fitted), 'it can only be read'));
  await client.query('begin');
  try {
    let written = 0;
    for await (const batch of inBatches(entries)) {
      const latest = new Map(batch.toSorted(byTime).map((entry) => [entry.id, entry]));
      for (const rows of alike([...latest.values()], table)) written += await write(client, table, rows, keep);
    }
    await client.query('commit');
    return written;
  } catch (error) {
    await client.query('rollback');
    throw describeWriteError(error, table);
  }
}

/** Adds every version of every entry to a table shaped like the agents'. */
export async function appendVersions(
  client: pg.ClientBase,
  table: Table,
  into: string,
  entries: Entries,
): Promise<void> {
  for await (const batch of inBatches(entries))
    for (const rows of alike(batch, table)) await client.query(insertion(table, into, rows), [JSON.stringify(rows)]);
}

/** The quoted name of the agents' table. */
export function tableOf({ schema, table }: Pick<Source, 'schema' | 'table'>): string {
  return [schema, table].map(quoteIdentifier).join('.');
}

/** What to do about a row whose id is there already: `columns` are those that were given, not quoted. */
export function onConflict({ columns }: FittedSource, given: readonly string[], held: string): string {
  const { id, context, created_at: created, updated_at: updated } = columns;
  const key = id.name;
  const changed = given
    .filter((name) => name !== key)
    .map((name) => `${quoteIdentifier(name)} = excluded.${quoteIdentifier(name)}`);
  // What the later version no longer has.
  const gone = context === null || given.includes(context.name) ? [] : [`${quoteIdentifier(context.name)} = default`];
  const time = quoteIdentifier((updated ?? created).name);
  return `on conflict (${quoteIdentifier(key)}) do update set ${[...changed, ...gone].join(', ')}
    where ${held}.${time} < excluded.${time}`;
}

/** Rows that fill the same columns, each kind by itself: PostgreSQL fills the others. */
function alike(entries: readonly JournalEntry[], { fitted, facts }: Table): Row[][] {
  const kinds = new Map<string, Row[]>();
  for (const entry of entries) {
    const row = toRow(entry, fitted, facts.generated);
    const kind = JSON.stringify(Object.keys(row));
    const others = kinds.get(kind);
    if (others === undefined) kinds.set(kind, [row]);
    else others.push(row);
  }
  return [...kinds.values()];
}

/** PostgreSQL itself gives each field the type of the column that the agents' table has. */
function insertion({ fitted }: Table, into: string, [row = {}]: readonly Row[]): string {
  const columns = Object.keys(row).map(quoteIdentifier).join(', ');
  return `insert into ${into} (${columns})
     select ${columns} from jsonb_populate_recordset(null::${tableOf(fitted)}, $1::jsonb) given`;
}

async function write(client: pg.ClientBase, table: Table, rows: readonly Row[], keep: boolean): Promise<number> {
  const { fitted } = table;
  const id = fitted.columns.id.name;
  const text = `with written as (
     ${insertion(table, `${tableOf(fitted)} as held`, rows)} ${unlessThere(table, Object.keys(rows[0] ?? {}), keep)}
     returning ${quoteIdentifier(id)} as id)
   select count(*)::int as rows, count(id)::int as named from written`;
  const {
    rows: [count = { rows: 0, named: 0 }],
  } = await client.query<{ rows: number; named: number }>(text, [JSON.stringify(rows)]);
  if (count.named < count.rows)
    throw new ConfigurationError(describeMissing({ column: id, schema: fitted.schema, table: fitted.table }, table));
  return count.rows;
}

/** Keeps out, or in its later version replaces, what is there already. */
function unlessThere({ fitted, facts }: Table, given: readonly string[], keep: boolean): string {
  const { id, content, created_at: created } = fitted.columns;
  const same = (column: string, type = '') =>
    `there.${quoteIdentifier(column)}${type} = given.${quoteIdentifier(column)}${type}`;
  const unless = (condition: string) => `where not exists (select from ${tableOf(fitted)} there where ${condition})`;
  // JSON has no equality.
  if (!given.includes(id.name)) return unless(`${same(created.name)} and ${same(content.name, '::text')}`);
  const key = findKey(facts, id.name);
  if (key?.columns.length !== 1 || !key.immediate) return unless(same(id.name));
  return keep ? `on conflict (${quoteIdentifier(id.name)}) do nothing` : onConflict(fitted, given, 'held');
}

async function* inBatches(entries: Entries) {
  let batch: JournalEntry[] = [];
  let length = 0;
  for await (const entry of entries) {
    batch.push(entry);
    length += entry.content.length;
    if (batch.length < BATCH && length < BATCH_LENGTH) continue;
    yield batch;
    batch = [];
    length = 0;
  }
  if (batch.length > 0) yield batch;
}

function byTime(a: JournalEntry, b: JournalEntry): number {
  return a.updated_at < b.updated_at ? -1 : a.updated_at > b.updated_at ? 1 : 0;
}
