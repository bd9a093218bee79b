import type { Pipeline } from '../profiles/profile.ts';
import { quoteIdentifier, quoteLiteral } from '../profiles/sql.ts';
import type { Column, Field, FittedSource } from './fit.ts';

type Source = Pipeline['source'];

/** Which rows and columns are read. */
export interface Extent {
  /** Ids and times alone: what is there, and when it was written. */
  readonly keysOnly: boolean;
  /** Rows written after the first and up to the second time, in UTC; all rows when absent. It only spares reading. */
  readonly written?: { readonly after: string; readonly until: string };
}

/** The first and the last moment that DuckDB, PostgreSQL and ISO 8601 all write alike. */
const TIMES = ['0001-01-01 00:00:00', '9999-12-31 23:59:59.999999'] as const;

/**
 * The agents' table under the names of ours, as the text of a query for DuckDB: `id, content, context, metadata, agent_source,
 * agent_path, agent_is_json, tags_source, tags_are_json, created, updated`, and of id, content and times whether they were given
 * (`id_given`, …), because what cannot be read comes as NULL. Where the source is a
 * PostgreSQL, that server itself makes text of ids and JSON: DuckDB has no type for a `numeric` without digits (it makes a
 * double of it), and cannot tell "Content" from "content".
 */
export function projectSource(source: Source, fitted: FittedSource, postgres: boolean, extent: Extent): string {
  if (!postgres) {
    const columns = columnsOf(DUCKDB, fitted, extent);
    return `select ${list(columns, constantsOf(fitted))} from ${quoteIdentifier(source.attachment)}.${relationOf(fitted)}`;
  }
  const columns = columnsOf(POSTGRES, fitted, extent);
  const received = columns.map((each) => ({ ...each, sql: decode(fitted, each, each.name) }));
  const query = `postgres_query(${quoteLiteral(source.attachment)}, ${quoteLiteral(askPostgres(fitted, extent))})`;
  return `select ${list(received, constantsOf(fitted))} from ${query}`;
}

/**
 * The same rows as one JSON array, the newest first and so many at most, as the text of a query for PostgreSQL (`ask`), and what DuckDB
 * makes the columns of `projectSource` of: a query with the array as `$rows`.
 */
export function projectNewest(fitted: FittedSource, extent: Extent, limit: number): { ask: string; receive: string } {
  const newest = `select * from (${askPostgres(fitted, extent)}) given
    order by coalesce(updated::text, created::text) collate "C" desc nulls last limit ${String(limit)}`;
  const columns = columnsOf(POSTGRES, fitted, extent);
  const shape = columns.map(({ name }) => `"${name}": "${name.endsWith('_given') ? 'BOOLEAN' : 'VARCHAR'}"`).join(', ');
  // JSON has no bytes: PostgreSQL writes them as \x and hexadecimal numbers.
  const received = columns.map((each) => ({ ...each, sql: decode(fitted, each, `unhex(${each.name}[3:])`) }));
  return {
    ask: `select coalesce(json_agg(row_to_json(newest)), '[]')::text as rows, count(*)::int from (${newest}) newest`,
    receive: `select ${list(received, constantsOf(fitted))}
      from (select unnest(from_json($rows, '[{${shape}}]'), recursive := true))`,
  };
}

function askPostgres(fitted: FittedSource, extent: Extent): string {
  const columns = columnsOf(POSTGRES, fitted, extent);
  const encoding = fitted.encoding === 'SQL_ASCII' ? 'SQL_ASCII' : 'UTF8';
  const encode = (each: Projected) => (each.text ? { ...each, sql: `convert_to(${each.sql}, '${encoding}')` } : each);
  const sent = isForeign(fitted) ? columns.map(encode) : columns;
  return filters(fitted, extent)
    .map((filter) => `select ${list(sent, [])} from ${relationOf(fitted)}${filter}`)
    .join(' union all ');
}

/** DuckDB takes what the server sends for UTF-8, and the server sends its own encoding. SQL_ASCII has none that could be converted. */
const isForeign = ({ encoding }: FittedSource) => encoding !== 'UTF8';

/** A column as it came; `bytes` gives those of a text that was sent as such. */
function decode(fitted: FittedSource, { name, text }: Projected, bytes: string): string {
  return isForeign(fitted) && text ? `try(decode(${bytes}))` : name;
}

function relationOf({ schema, table }: FittedSource): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
}

interface Projected {
  readonly name: string;
  readonly sql: string;
  /** Whether it is a text of the source's. */
  readonly text: boolean;
}

function list(columns: readonly Projected[], constants: readonly string[]): string {
  return [...columns.map(({ name, sql }) => `${sql} as ${name}`), ...constants].join(', ');
}

interface Dialect {
  readonly text: (column: string) => string;
  readonly list: (column: string) => string;
  readonly none: string;
  readonly time: (column: Column) => string;
}

const POSTGRES: Dialect = {
  text: (column) => `${column}::text`,
  list: (column) => `to_json(${column})::text`,
  none: 'null::text',
  time: ({ name, kind }) => {
    const column = quoteIdentifier(name);
    if (kind === 'text') return `${column}::text`;
    // PostgreSQL's infinite dates and its years beyond DuckDB's come out of DuckDB as other times, without an error.
    const zone = kind === 'instant' ? '+00' : '';
    const within = `case when ${column} between '${TIMES[0]}${zone}' and '${TIMES[1]}${zone}' then ${column} end`;
    return kind === 'instant' ? within : `(${within})::timestamp at time zone 'UTC'`;
  },
};

const DUCKDB: Dialect = {
  text: (column) => `${column}::varchar`,
  list: (column) => `to_json(${column})::varchar`,
  none: 'null::varchar',
  // Connections of ours are in UTC, so that a time without a zone is read as UTC.
  time: ({ name, kind }) => (kind === 'text' ? quoteIdentifier(name) : `${quoteIdentifier(name)}::timestamptz`),
};

function columnsOf(dialect: Dialect, { columns }: FittedSource, { keysOnly }: Extent): Projected[] {
  const of = (field: Field) => (keysOnly ? null : columns[field]);
  const text = (name: string, column: Column | null): Projected => {
    const read = column?.kind === 'list' ? dialect.list : dialect.text;
    return { name, sql: column === null ? dialect.none : read(quoteIdentifier(column.name)), text: true };
  };
  const time = (name: string, column: Column | null): Projected => {
    const sql = column === null ? 'null::timestamptz' : dialect.time(column);
    return { name, sql, text: column?.kind === 'text' };
  };
  const given = (name: string, column: Column | null): Projected => {
    const sql = column === null ? 'false' : `${quoteIdentifier(column.name)} is not null`;
    return { name, sql, text: false };
  };
  return [
    ...[text('id', columns.id), given('id_given', columns.id)],
    ...[time('created', columns.created_at), given('created_given', columns.created_at)],
    ...[time('updated', columns.updated_at), given('updated_given', columns.updated_at)],
    ...[text('content', of('content')), given('content_given', of('content'))],
    ...[text('context', of('context')), text('metadata', of('metadata'))],
    ...[text('agent_source', of('agent')), text('tags_source', of('tags'))],
  ];
}

function constantsOf({ columns: { agent, tags }, agentField }: FittedSource): string[] {
  return [
    `${agentField === null ? 'null::varchar' : quoteLiteral(pointTo(agentField))} as agent_path`,
    `${String(agent?.kind === 'json')} as agent_is_json`,
    `${String(tags?.kind === 'list' || tags?.kind === 'json')} as tags_are_json`,
  ];
}

/** A JSON Pointer (RFC 6901): a JSON path of DuckDB's has no way to write a quotation mark, and takes `*` for all fields. */
function pointTo(field: string): string {
  return `/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** Two ranges rather than a condition on both columns, so that an index on `updated_at` is of use. */
function filters(
  { columns: { created_at: created, updated_at: updated } }: FittedSource,
  { written }: Extent,
): string[] {
  if (written === undefined || !isTime(created) || (updated !== null && !isTime(updated))) return [''];
  const within = (column: Column) => {
    const name = quoteIdentifier(column.name);
    const zone = column.kind === 'instant' ? '+00' : '';
    return `${name} > '${written.after}${zone}' and ${name} <= '${written.until}${zone}'`;
  };
  if (updated === null) return [` where ${within(created)}`];
  return [` where ${within(updated)}`, ` where ${quoteIdentifier(updated.name)} is null and ${within(created)}`];
}

/** A date stands for its first moment: as a bound it would cut off the day. */
function isTime(column: Column | null): column is Column {
  return column?.kind === 'instant' || column?.kind === 'local';
}

/** Which of the ids are in the table, as the text of a query for PostgreSQL with a row for each. */
export function askIds(fitted: FittedSource, ids: readonly string[]): string {
  const { name, type } = fitted.columns.id;
  const id = quoteIdentifier(name);
  // As the column's type, so that its index is of use.
  return `select ${POSTGRES.text(id)} as id from ${relationOf(fitted)}
    where ${id} = any (array[${ids.map(quoteLiteral).join(', ')}]::text[]::${type}[])`;
}
