import pg from 'pg';
import { z } from 'zod';
import { halvesOf } from '../memory/halves.ts';
import { ConfigurationError } from '../memory/errors.ts';
import { quoteIdentifier } from '../profiles/sql.ts';
import { whyRowRejected } from './failure.ts';
import type { Rejected } from './rejected.ts';
import type { Table } from './write-back.tables.ts';

/** SQLSTATE of a null that a column does not take. */
const NOT_NULL = '23502';
/** Rejected rows of one page up to which it is taken to be their fault. */
const MOST_REJECTED = 500;

const rowSchema = z.record(z.string(), z.unknown());
export const pageSchema = z.array(z.object({ key: z.string(), row: z.string() }));

/** Rows of a table as JSON, each with what orders it among them. */
export type Page = z.infer<typeof pageSchema>;

/**
 * Writes a page; rows that PostgreSQL rejects for what is in them are looked for by halves and passed over. A table that
 * rejects whatever it is given is no matter of its rows.
 * @throws ConfigurationError when it is the table's fault
 */
export async function upsertPage(client: pg.PoolClient, target: string, table: Table, page: Page): Promise<Rejected[]> {
  const [row] = page;
  if (row === undefined) return [];
  const ours = columnsOf(row);
  await client.query('savepoint page');
  try {
    await upsert(client, target, table, ours, `[${page.map(({ row }) => row).join(',')}]`);
    await client.query('release savepoint page');
    return [];
  } catch (error) {
    const reason = whyRowRejected(error);
    if (reason === null) throw error;
    refuseColumn(error, table, ours);
    await client.query('rollback to savepoint page');
    if (page.length === 1) return [{ id: row.key, reason }];
    const [first, second] = halvesOf(page);
    const rejected = await upsertPage(client, target, table, first);
    if (rejected.length > MOST_REJECTED) throw tableFault(table, reason);
    return [...rejected, ...(await upsertPage(client, target, table, second))];
  }
}

/**
 * After all pages of a table. Where it has no row of the target although several were given, it is the table that refuses them; one
 * row alone may be at fault itself.
 * @throws ConfigurationError when it is the table's fault
 */
export async function refuseEmptied(
  client: pg.PoolClient,
  target: string,
  table: Table,
  rejected: readonly Rejected[],
): Promise<void> {
  const [first, second] = rejected;
  if (first === undefined || second === undefined) return;
  const { rowCount } = await client.query(`select from dreams.${table.name} where target = $1 limit 1`, [target]);
  if (rowCount === 0) throw tableFault(table, first.reason);
}

function tableFault({ name }: Table, reason: string): ConfigurationError {
  return new ConfigurationError(
    `dreams.${name} ${reason}. So it says of every row, or of too many: what was there is kept. Change or drop the ` +
      `constraint, trigger or type that refuses them: the next cycle writes them`,
  );
}

/** No row of ours has a value for a column that somebody else added. */
function refuseColumn(error: unknown, { name }: Table, ours: readonly string[]): void {
  if (!(error instanceof pg.DatabaseError) || error.code !== NOT_NULL) return;
  const { schema, table, column } = error;
  if (schema !== 'dreams' || table !== name || column === undefined || ours.includes(column)) return;
  const quoted = quoteIdentifier(column);
  throw new ConfigurationError(
    `dreams.${name} has a column that this program does not fill, ${quoted}, and takes no row without a value in it: what ` +
      `was there is kept. Give it a default: alter table dreams.${name} alter column ${quoted} set default <value>; or let it ` +
      `be null: alter table dreams.${name} alter column ${quoted} drop not null`,
  );
}

/** PostgreSQL itself gives each field of the JSON its column's type. What somebody else added keeps its default, or its value. */
async function upsert(
  client: pg.PoolClient,
  target: string,
  { name, key }: Table,
  ours: readonly string[],
  page: string,
): Promise<void> {
  const table = `dreams.${quoteIdentifier(name)}`;
  const columns = await writableOf(client, name, ours);
  const updates = columns
    .filter((column) => !(key as readonly string[]).includes(column))
    .map((column) => `${quoteIdentifier(column)} = excluded.${quoteIdentifier(column)}`);
  const list = columns.map(quoteIdentifier).join(', ');
  await client.query(
    `insert into ${table} (${list})
     select ${list} from jsonb_array_elements($1::jsonb) row,
       jsonb_populate_record(null::${table}, row || jsonb_build_object('target', $2::text))
     on conflict (${key.join(', ')}) do update set ${updates.join(', ')}`,
    [page, target],
  );
}

/** The columns that a row of the page has a value for. */
function columnsOf({ row }: Page[number]): string[] {
  return ['target', ...Object.keys(rowSchema.parse(JSON.parse(row)))];
}

/** Those of them that are there; a generated column takes no value. */
async function writableOf(client: pg.PoolClient, table: string, ours: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select attname as name from pg_attribute
     where attrelid = to_regclass('dreams.' || $1) and attname = any ($2) and attgenerated = '' and not attisdropped`,
    [table, ours],
  );
  return rows.map(({ name }) => name);
}
