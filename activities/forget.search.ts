import type pg from 'pg';
import { z } from 'zod';
import type { DuckDBConnection } from '../duckdb/database.ts';
import { runText } from '../duckdb/statement.ts';
import type { Trace } from '../memory/types.ts';
import { quoteIdentifier, quoteLiteral } from '../profiles/sql.ts';
import { scanRows, streamTexts } from './forget.scan.ts';
import type { Wanted } from './forget.wanted.ts';

/** How far a search went. */
export interface Searched {
  readonly found: readonly Trace[];
  /** Tables, or files. */
  readonly places: number;
}

/** Columns that hold ids of memories, whoever made the table. */
const ID_COLUMN = /^(?:id|key|src|dst|members|.*_ids?)$/i;
const TEXTUAL = /VARCHAR|JSON|BLOB|ENUM|UNION|VARIANT|text|char|json|name/i;
const columnRows = z.array(z.object({ schema: z.string(), table: z.string(), column: z.string(), type: z.string() }));
const countRow = z.tuple([z.object({ rows: z.coerce.number() })]);

type Column = z.infer<typeof columnRows>[number];

/** Every table of a DuckDB database, those of other programs included. */
export async function searchDatabase(connection: DuckDBConnection, name: string, wanted: Wanted): Promise<Searched> {
  const rows = await runText(
    connection,
    'columns',
    `select schema_name as schema, table_name as table, column_name as column, data_type as type
     from duckdb_columns() semi join duckdb_tables() using (database_name, schema_name, table_name)
     where database_name = $name order by all`,
    { name },
  );
  const found: Trace[] = [];
  const tables = tablesOf(columnRows.parse(rows));
  for (const columns of tables) {
    const place = `${columns[0].schema}.${columns[0].table}`;
    const table = [name, columns[0].schema, columns[0].table].map(quoteIdentifier).join('.');
    const fields = columns.map(({ column }) => `${quoteLiteral(column)}: ${quoteIdentifier(column)}`).join(', ');
    const holds = columns.flatMap(({ column, type }) => holdsId(column, type));
    const ids = JSON.stringify(wanted.ids);
    try {
      const { hits } = await scanRows(
        streamTexts(connection, `select to_json({${fields}})::varchar from ${table}`),
        wanted,
      );
      found.push(...trace(place, 'text', hits));
      if (holds.length > 0) {
        const sql = `select count(*) as rows from ${table} where ${holds.join(' or ')}`;
        const [{ rows }] = countRow.parse(await runText(connection, place, sql, { ids }));
        found.push(...trace(place, 'id', rows));
      }
    } catch {
      found.push({ place, what: 'could not be searched', times: 1 });
    }
  }
  return { found, places: tables.length };
}

function holdsId(column: string, type: string): string[] {
  if (!ID_COLUMN.test(column)) return [];
  const ids = `from_json($ids, '["VARCHAR"]')`;
  if (type === 'VARCHAR') return [`${quoteIdentifier(column)} in (select unnest(${ids}))`];
  return type === 'VARCHAR[]' ? [`list_has_any(${quoteIdentifier(column)}, ${ids})`] : [];
}

/** The tables of schema dreams, of a table with targets this target's rows. Which the role may not read is told. */
export async function searchDreams(client: pg.ClientBase, target: string, wanted: Wanted): Promise<Searched> {
  const { rows } = await client.query(
    `select n.nspname as schema, c.relname as table, a.attname as column, format_type(a.atttypid, a.atttypmod) as type
     from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
     where n.nspname = 'dreams' and c.relkind in ('r', 'p', 'm') and a.attnum > 0 and not a.attisdropped order by 1, 2, a.attnum`,
  );
  const found: Trace[] = [];
  const tables = tablesOf(columnRows.parse(rows));
  for (const columns of tables) {
    const place = `dreams.${columns[0].table}`;
    const of = columns.some(({ column }) => column === 'target') ? `target = ${quoteLiteral(target)}` : 'true';
    const table = `dreams.${quoteIdentifier(columns[0].table)}`;
    try {
      const { hits } = await scanRows(
        fetchTexts(client, `select to_jsonb(t)::text from ${table} t where ${of}`),
        wanted,
      );
      found.push(...trace(place, 'text', hits));
      const holds = columns
        .filter(({ column, type }) => ID_COLUMN.test(column) && /^text/.test(type))
        .map(({ column, type }) => `${quoteIdentifier(column)} ${type === 'text[]' ? '&& $1' : '= any ($1)'}`);
      if (holds.length > 0) {
        const counted = await client.query(
          `select count(*)::int as rows from ${table} where ${of} and (${holds.join(' or ')})`,
          [wanted.ids],
        );
        found.push(...trace(place, 'id', countRow.parse(counted.rows)[0].rows));
      }
    } catch {
      found.push({ place, what: 'could not be searched', times: 1 });
    }
  }
  return { found, places: tables.length };
}

/** Rows by a cursor, so that a million of them need the memory of a thousand. */
async function* fetchTexts(client: pg.ClientBase, sql: string): AsyncGenerator<string> {
  await client.query('begin read only');
  try {
    await client.query(`declare traces no scroll cursor for ${sql}`);
    for (;;) {
      const { rows } = await client.query<[string]>({ text: 'fetch 1000 from traces', rowMode: 'array' });
      for (const [text] of rows) yield text;
      if (rows.length === 0) return;
    }
  } finally {
    await client.query('rollback');
  }
}

function tablesOf(columns: readonly Column[]): [Column, ...Column[]][] {
  const tables = new Map<string, [Column, ...Column[]]>();
  for (const column of columns.filter(({ type }) => TEXTUAL.test(type))) {
    const key = JSON.stringify([column.schema, column.table]);
    const others = tables.get(key);
    if (others === undefined) tables.set(key, [column]);
    else others.push(column);
  }
  return [...tables.values()];
}

export function trace(place: string, what: Trace['what'], times: number): Trace[] {
  return times > 0 ? [{ place, what, times }] : [];
}
