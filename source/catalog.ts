import { readFileSync } from 'node:fs';
import type { Pipeline } from '../profiles/profile.ts';
import { quoteLiteral } from '../profiles/sql.ts';
import { columnRows, examine, findTable, missingTable, placeRows, type Examined, type Misfit } from './fit.ts';

type Source = Pipeline['source'];

/** Whose catalog it is: PostgreSQL's own, or that of a source that DuckDB knows by itself. */
export type Dialect = 'postgres' | 'duckdb';

/** Runs a query where the agents' table is, and gives its rows. */
export type Ask = (sql: string) => Promise<unknown>;

/** The agents' table, column by column; or why there is no such table. */
export async function examineSource(source: Source, dialect: Dialect, ask: Ask): Promise<Examined | Misfit> {
  const columns = columnRows.parse(await ask(sourceQuery(`catalog.columns.${dialect}.sql`, source)));
  const table = findTable(source, columns, dialect === 'duckdb');
  if (table !== undefined) return examine(source, table, dialect === 'duckdb');
  return missingTable(source, placeRows.parse(await ask(sourceQuery(`catalog.tables.${dialect}.sql`, source))));
}

/** The text of a query of this folder; its values are put in for their `$name`, since not every way to ask has parameters. */
export function sourceQuery(file: string, values: Readonly<Record<string, unknown>>): string {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  return text.replaceAll(/\$([a-z]+)\b/g, (_, name: string) => {
    const value = values[name];
    if (typeof value !== 'string') throw new Error(`${file}: expected a text for $${name}, got ${typeof value}`);
    return quoteLiteral(value);
  });
}
