import { readdirSync, readFileSync } from 'node:fs';
import type pg from 'pg';

type Sql = (text: string) => Promise<Record<string, unknown>[]>;

const FOLDER = new URL('../../activities/dreams/', import.meta.url);

/** The migrations of schema dreams, in order. */
export const FILES = readdirSync(FOLDER)
  .filter((file) => file !== 'examine.sql')
  .sort();

export const readMigration = (file: string) => readFileSync(new URL(file, FOLDER), 'utf8');

/** Runs the migrations up to a version, in a schema that is there. */
export async function runMigrations(pool: pg.Pool, last = FILES.length): Promise<void> {
  for (const file of FILES.slice(0, last)) await pool.query(readMigration(file));
}

/** Everything that schema dreams is made of, but for its rows: columns, constraints, indexes, views. */
export async function readCatalog(sql: Sql): Promise<unknown> {
  return {
    columns:
      await sql(`select table_name, column_name, ordinal_position, data_type, udt_name, is_nullable, column_default
      from information_schema.columns where table_schema = 'dreams' order by 1, 3`),
    constraints: await sql(`select conrelid::regclass::text as table, conname, pg_get_constraintdef(oid) as text
      from pg_constraint where connamespace = 'dreams'::regnamespace order by 1, 2`),
    indexes: await sql(`select indexdef from pg_indexes where schemaname = 'dreams' order by 1`),
    views: await sql(`select viewname, definition from pg_views where schemaname = 'dreams' order by 1`),
  };
}

/** The columns of each view, in order. */
export async function readViewColumns(sql: Sql): Promise<Record<string, unknown>> {
  const rows = await sql(`select viewname, (select string_agg(column_name, ' ' order by ordinal_position)
      from information_schema.columns where table_schema = 'dreams' and table_name = viewname) as columns
    from pg_views where schemaname = 'dreams'`);
  return Object.fromEntries(rows.map(({ viewname, columns }) => [String(viewname), columns]));
}
