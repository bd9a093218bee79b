import type pg from 'pg';
import { z } from 'zod';
import { halvesOf } from '../memory/halves.ts';
import { quoteIdentifier } from '../profiles/sql.ts';
import { whyRowRejected } from './failure.ts';
import type { Rejected } from './rejected.ts';
import type { Table } from './write-back.schema.ts';

/** Rejected rows of one page up to which it is taken to be their fault. */
const MOST_REJECTED = 500;

export const pageSchema = z.array(z.object({ key: z.string(), row: z.string() }));

/** Rows of a table as JSON, each with what orders it among them. */
export type Page = z.infer<typeof pageSchema>;

/**
 * Writes a page; rows that PostgreSQL rejects for what is in them are looked for by halves and passed over. A table that
 * rejects whatever it is given is no matter of its rows.
 */
export async function upsertPage(client: pg.PoolClient, target: string, table: Table, page: Page): Promise<Rejected[]> {
  if (page.length === 0) return [];
  await client.query('savepoint page');
  try {
    await upsert(client, target, table, `[${page.map(({ row }) => row).join(',')}]`);
    await client.query('release savepoint page');
    return [];
  } catch (error) {
    const reason = whyRowRejected(error);
    if (reason === null) throw error;
    await client.query('rollback to savepoint page');
    const [row] = page;
    if (page.length === 1 && row !== undefined) return [{ id: row.key, reason }];
    const [first, second] = halvesOf(page);
    const rejected = await upsertPage(client, target, table, first);
    if (rejected.length > MOST_REJECTED) throw error;
    return [...rejected, ...(await upsertPage(client, target, table, second))];
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

async function columnsOf(client: pg.PoolClient, table: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select attname as name from pg_attribute
     where attrelid = to_regclass('dreams.' || $1) and attnum > 0 and not attisdropped`,
    [table],
  );
  return rows.map(({ name }) => name);
}
