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
 * The agents' table under the names of ours, as the text of a query for DuckDB: `id, content, context, agent_source, agent_path,
 * agent_is_json, tags_source, tags_are_json, metadata, created, created_given, updated, updated_given`. Where the source is a
 * PostgreSQL, that server itself makes text of ids and JSON: DuckDB has no type for a `numeric` without digits (it makes a
 * double of it), and cannot tell "Content" from "content". What it could not read as a time comes as NULL.
 */
export function projectSource(source: Source, fitted: FittedSource, postgres: boolean, extent: Extent): string {
  const dialect = postgres ? POSTGRES : DUCKDB;
  const [schema, table] = [source.schema, fitted.table].map(quoteIdentifier);
  if (!postgres) {
    const relation = `${quoteIdentifier(source.attachment)}.${schema ?? ''}.${table ?? ''}`;
    return selectFrom(dialect, fitted, relation, extent);
  }
  const relation = `${schema ?? ''}.${table ?? ''}`;
  const select = selectFrom(dialect, fitted, relation, extent);
  const text = filters(fitted, extent)
    .map((filter) => `${select}${filter}`)
    .join(' union all ');
  return `select * from postgres_query(${quoteLiteral(source.attachment)}, ${quoteLiteral(text)})`;
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

function selectFrom(dialect: Dialect, { columns, agentField }: FittedSource, relation: string, extent: Extent): string {
  const of = (field: Field) => (extent.keysOnly ? null : columns[field]);
  const text = (column: Column | null) => (column === null ? dialect.none : dialect.text(quoteIdentifier(column.name)));
  const time = (column: Column | null) => (column === null ? 'null::timestamptz' : dialect.time(column));
  const given = (column: Column | null) => (column === null ? 'false' : `${quoteIdentifier(column.name)} is not null`);
  const tags = of('tags');
  const { id, created_at: created, updated_at: updated } = columns;
  const list = tags?.kind === 'list' ? dialect.list(quoteIdentifier(tags.name)) : text(tags);
  return `select ${[
    `${text(id)} as id`,
    `${time(created)} as created, ${given(created)} as created_given`,
    `${time(updated)} as updated, ${given(updated)} as updated_given`,
    `${text(of('content'))} as content, ${text(of('context'))} as context, ${text(of('metadata'))} as metadata`,
    `${text(of('agent'))} as agent_source, ${agentField === null ? dialect.none : quoteLiteral(`$."${agentField}"`)} as agent_path`,
    `${String(columns.agent?.kind === 'json')} as agent_is_json`,
    `${list} as tags_source, ${String(tags?.kind === 'list' || tags?.kind === 'json')} as tags_are_json`,
  ].join(', ')} from ${relation}`;
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
