import { z } from 'zod';
import type { Pipeline } from '../profiles/profile.ts';
import { didYouMean } from '../profiles/suggestion.ts';

type Source = Pipeline['source'];

/** What can be done with the type of a column; see catalog.postgres.sql. */
const KINDS = [
  ...(['text', 'number', 'instant', 'local', 'date', 'scalar'] as const),
  ...(['float', 'boolean', 'json', 'list', 'other'] as const),
] as const;

export type Kind = (typeof KINDS)[number];

/** Rows of the catalog queries: the columns of a schema, in the order of their tables. */
export const catalogRows = z.array(
  z.object({ table: z.string(), column: z.string(), type: z.string(), encoding: z.string(), kind: z.enum(KINDS) }),
);

type CatalogRow = z.infer<typeof catalogRows>[number];

/** What a memory is made of; the profile's `pipeline.source.columns` names a column for each. */
export type Field = keyof Source['columns'];

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly kind: Kind;
}

/** The agents' table as it is, under the names that it really has. */
export interface FittedSource {
  readonly table: string;
  /** Null: the profile says that there is none. */
  readonly columns: Readonly<Record<Field, Column | null>>;
  /** The field of a JSON column that names the agent; null where a column does. */
  readonly agentField: string | null;
  /** PostgreSQL's name of the encoding in which the database keeps texts. */
  readonly encoding: string;
}

/** Why the profile does not fit the source, and what to write. `path` is below `pipeline.source`. */
export interface Misfit {
  readonly path: readonly string[];
  readonly problem: string;
  readonly advice: string;
}

/** What each field can be read from; a field that is not here takes any type, as text. */
const TAKES: Partial<
  Record<Field, { readonly kinds: readonly Kind[]; readonly wanted: string; readonly advice: string }>
> = {
  id: {
    kinds: ['text', 'number', 'scalar', 'instant', 'local', 'date'],
    wanted: 'an id needs a type whose values can be told apart: a whole number, numeric, uuid or text',
    advice: 'Name a column with such a type, or a view that has one.',
  },
  created_at: {
    kinds: ['instant', 'local', 'date', 'text'],
    wanted: 'a time needs timestamptz, timestamp, date or text',
    advice: 'Name such a column, or a view that makes one, for example with to_timestamp(created_at).',
  },
  updated_at: {
    kinds: ['instant', 'local', 'date', 'text'],
    wanted: 'a time needs timestamptz, timestamp, date or text',
    advice: 'Name such a column, a view that makes one, or null.',
  },
  tags: {
    kinds: ['list', 'json', 'text'],
    wanted: 'tags need an array, JSON or comma-separated text',
    advice: 'Name such a column, or null.',
  },
};

/** Holds the profile's `pipeline.source` against the columns of its schema: what fits, or everything that does not. */
export function fitSource(source: Source, catalog: readonly CatalogRow[]): FittedSource | readonly Misfit[] {
  const tables = [...new Set(catalog.map(({ table }) => table))];
  const table = match(source.table, tables);
  if (table === undefined) return [missingTable(source, tables)];
  const columns = catalog.filter((row) => row.table === table);
  const found = (Object.keys(source.columns) as Field[]).map((field) => fitField(source, columns, field));
  const misfits = found.flatMap((each) => ('misfit' in each ? [each.misfit] : []));
  if (misfits.length > 0) return misfits;
  const fitted = found.map((each) => ('misfit' in each ? null : ([each.field, each.column] as const)));
  return {
    table,
    columns: Object.fromEntries(fitted.filter((each) => each !== null)) as FittedSource['columns'],
    agentField: source.columns.agent?.split('.')[1] ?? null,
    encoding: columns[0]?.encoding ?? 'UTF8',
  };
}

/**
 * The name as PostgreSQL would find it: as it stands, as if it were quoted; else in lower case, as if it were not.
 */
function match(name: string, names: readonly string[]): string | undefined {
  return names.find((each) => each === name) ?? names.find((each) => each === name.toLowerCase());
}

type Fit = { readonly field: Field; readonly column: Column | null } | { readonly misfit: Misfit };

function fitField({ table, schema, columns: named }: Source, columns: readonly CatalogRow[], field: Field): Fit {
  const [name, inside] = (field === 'agent' ? named.agent?.split('.') : [named[field]]) ?? [];
  if (name == null) return { field, column: null };
  const path = ['columns', field];
  const names = columns.map(({ column }) => column);
  const found = match(name, names);
  const row = columns.find(({ column }) => column === found);
  if (row === undefined) {
    const problem = `${schema}.${table} has no column "${name}"${didYouMean(name, names)}`;
    return { misfit: { path, problem, advice: adviceOn(field, names) } };
  }
  const column = { name: row.column, type: row.type, kind: row.kind };
  const takes = TAKES[field];
  if (takes !== undefined && !takes.kinds.includes(row.kind))
    return {
      misfit: { path, problem: `column "${row.column}" is ${row.type}; ${takes.wanted}`, advice: takes.advice },
    };
  if (inside !== undefined && row.kind !== 'json' && row.kind !== 'text') {
    const problem = `column "${row.column}" is ${row.type}, which has no field "${inside}"`;
    return { misfit: { path, problem, advice: 'Name a JSON column, a column by itself, or null.' } };
  }
  return { field, column };
}

function adviceOn(field: Field, names: readonly string[]): string {
  const has = `It has ${names.join(', ')}.`;
  const optional = !['id', 'content', 'created_at'].includes(field);
  return optional
    ? `Write ${field}: null if there is none. ${has}`
    : `Write ${field}: with the name of that column. ${has}`;
}

function missingTable({ schema, table }: Source, tables: readonly string[]): Misfit {
  const has = tables.length > 0 ? `${schema} has ${tables.join(', ')}` : `${schema} has no table`;
  return {
    path: ['table'],
    problem: `there is no table ${schema}.${table}${didYouMean(table, tables)}`,
    advice: `Write the name of the table that the agents write to. ${has}.`,
  };
}
