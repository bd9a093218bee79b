import type pg from 'pg';
import { quoteIdentifier } from '../profiles/sql.ts';
import type { JournalEntry } from './journal.ts';
import { appendVersions, onConflict, tableOf, type Table } from './memories.ts';

/** The hour of the night cycle, in the profile's time zone; the night schedule's too. */
const NIGHT_HOUR = 3;

/**
 * Lays a journal aside in a temporary table of this connection, every version of every memory; nothing is in the agents'
 * table yet.
 */
export async function stageJournal(
  client: pg.ClientBase,
  table: Table,
  entries: AsyncIterable<JournalEntry>,
): Promise<void> {
  await client.query(`create temp table journal (like ${tableOf(table.fitted)} including defaults)`);
  await appendVersions(client, table, 'journal', entries);
  await client.query(`create index on journal (${timeOf(table)})`);
}

/** The nights of a staged journal, oldest first, ISO 8601: one after every day on which something was written. */
export async function listNights(client: pg.ClientBase, table: Table, timezone: string): Promise<string[]> {
  const { rows } = await client.query<{ night: Date }>(
    `select distinct ((((${timeOf(table)} at time zone $1) - interval '${String(NIGHT_HOUR)} hours')::date + 1
       + time '0${String(NIGHT_HOUR)}:00') at time zone $1) as night
     from journal order by night`,
    [timezone],
  );
  return rows.map(({ night }) => night.toISOString());
}

/** N nights evenly spread over the journal's time; the last is the journal's last. */
export function spreadNights(nights: readonly string[], count: number): string[] {
  const [first, last] = [nights[0], nights.at(-1)];
  if (first === undefined || last === undefined) return [];
  const [start, end] = [Date.parse(first), Date.parse(last)];
  const step = (end - start) / Math.max(1, count - 1);
  const spread = Array.from({ length: count }, (_, index) => new Date(end - (count - 1 - index) * step).toISOString());
  return [...new Set(spread)];
}

/** Writes to the agents' table what they had written by `asOf` and not by `since`, each memory in its latest version. */
export async function liveUntil(
  client: pg.ClientBase,
  table: Table,
  since: string | null,
  asOf: string,
): Promise<void> {
  const { fitted, facts } = table;
  const written = [...new Set(Object.values(fitted.columns).flatMap((column) => column?.name ?? []))];
  const given = written.filter((name) => !facts.generated.includes(name));
  const columns = given.map(quoteIdentifier).join(', ');
  const [id, content] = [fitted.columns.id.name, fitted.columns.content.name].map(quoteIdentifier);
  const time = timeOf(table);
  await client.query(
    `insert into ${tableOf(fitted)} as held (${columns})
     select distinct on (${id ?? ''}) ${columns} from journal
     where ${time} <= $2::timestamptz and ($1::timestamptz is null or ${time} > $1::timestamptz)
     order by ${id ?? ''}, ${time} desc, ${content ?? ''}
     ${onConflict(fitted, given, 'held')}`,
    [since, asOf],
  );
}

function timeOf({ fitted: { columns } }: Table): string {
  return quoteIdentifier((columns.updated_at ?? columns.created_at).name);
}
