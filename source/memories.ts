import { readFileSync } from 'node:fs';
import type pg from 'pg';
import type { Pipeline } from '../profiles/profile.ts';
import { quoteIdentifier } from '../profiles/sql.ts';
import type { JournalEntry } from './journal.ts';

type Source = Pipeline['source'];
type Entries = AsyncIterable<JournalEntry> | Iterable<JournalEntry>;

/** Rows sent in one statement. */
const BATCH = 1_000;
/** Characters sent in one statement; a few memories may be a megabyte each. */
const BATCH_LENGTH = 8_000_000;

/** Creates `public.memories` where there is none. */
export async function createMemories(client: pg.ClientBase): Promise<void> {
  await client.query(readFileSync(new URL('./memories.create.sql', import.meta.url), 'utf8'));
}

/**
 * Writes entries to the agents' table under the profile's column names, in one transaction: all or none. An entry that is
 * there already is replaced only by a later one. Gives the number of rows written.
 */
export async function writeMemories(client: pg.ClientBase, source: Source, entries: Entries): Promise<number> {
  await client.query('begin');
  try {
    let written = 0;
    for await (const batch of inBatches(entries)) {
      const latest = new Map(batch.toSorted(byTime).map((entry) => [entry.id, entry]));
      written += await insert(
        client,
        source,
        `${tableOf(source)} as held`,
        [...latest.values()],
        onConflict(source, 'held'),
      );
    }
    await client.query('commit');
    return written;
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

/** Adds every version of every entry to a table shaped like the agents'. */
export async function appendVersions(
  client: pg.ClientBase,
  source: Source,
  table: string,
  entries: Entries,
): Promise<void> {
  for await (const batch of inBatches(entries)) await insert(client, source, table, batch, '');
}

/** The quoted name of the agents' table. */
export function tableOf({ schema, table }: Source): string {
  return [schema, table].map(quoteIdentifier).join('.');
}

/** The columns of the agents' table that a journal entry fills, quoted. */
export function columnsOf({ columns }: Source): string[] {
  const { agent: _, ...stored } = columns;
  return Object.values(stored)
    .filter((name): name is string => name !== null)
    .map(quoteIdentifier);
}

/** What to do about a row whose id is there already. */
export function onConflict(source: Source, table: string): string {
  const id = quoteIdentifier(source.columns.id);
  const changed = columnsOf(source).filter((column) => column !== id);
  const time = source.columns.updated_at ?? source.columns.created_at;
  return `on conflict (${id}) do update set ${changed.map((column) => `${column} = excluded.${column}`).join(', ')}
    where ${table}.${quoteIdentifier(time)} < excluded.${quoteIdentifier(time)}`;
}

/** PostgreSQL itself gives each field the type of the column that the agents' table has. */
async function insert(client: pg.ClientBase, source: Source, into: string, batch: JournalEntry[], conflict: string) {
  const columns = columnsOf(source).join(', ');
  const result = await client.query(
    `insert into ${into} (${columns})
     select ${columns} from jsonb_populate_recordset(null::${tableOf(source)}, $1::jsonb) ${conflict}`,
    [JSON.stringify(batch.map((entry) => rename(entry, source)))],
  );
  return result.rowCount ?? 0;
}

function rename(entry: JournalEntry, { columns }: Source): Record<string, unknown> {
  const { agent: _, ...stored } = columns;
  const pairs = Object.entries(stored).flatMap(([field, column]) =>
    column === null ? [] : [[column, entry[field as keyof typeof stored]] as const],
  );
  return Object.fromEntries(pairs);
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
