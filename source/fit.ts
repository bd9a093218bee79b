import { z } from 'zod';
import type { Pipeline, Profile } from '../profiles/profile.ts';
import { didYouMean } from '../profiles/suggestion.ts';

type Source = Pipeline['source'];

/** What can be done with the type of a column; see catalog.columns.postgres.sql. */
const KINDS = [
  ...(['text', 'number', 'uuid', 'instant', 'local', 'date', 'scalar'] as const),
  ...(['float', 'boolean', 'json', 'list', 'other'] as const),
] as const;

export type Kind = (typeof KINDS)[number];

/** Rows of the catalog's columns, in the order of their tables. */
export const columnRows = z.array(
  z.object({
    schema: z.string(),
    table: z.string(),
    column: z.string(),
    type: z.string(),
    encoding: z.string(),
    kind: z.enum(KINDS),
  }),
);

type ColumnRow = z.infer<typeof columnRows>[number];

/** Rows of the catalog's tables. A schema may have none. */
export const placeRows = z.array(z.object({ schema: z.string(), table: z.string().nullable() }));

type Place = z.infer<typeof placeRows>[number];

/** What a memory is made of; the profile's `pipeline.source.columns` names a column for each. */
export type Field = keyof Source['columns'];

/** What no memory is without. */
const NEEDED = ['id', 'content', 'created_at'] as const satisfies readonly Field[];
type Needed = (typeof NEEDED)[number];

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly kind: Kind;
}

/** The agents' table as it is, under the names that it really has. */
export interface FittedSource {
  readonly schema: string;
  readonly table: string;
  /** Null: the profile says that there is none. */
  readonly columns: Readonly<Record<Needed, Column> & Record<Exclude<Field, Needed>, Column | null>>;
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

/** What became of one field of the profile: a column, none because the profile says so, or a misfit. */
export type Fit =
  { readonly field: Field; readonly column: Column | null } | { readonly field: Field; readonly misfit: Misfit };

/** A table that is there, and what became of each field. */
export interface Examined extends Pick<FittedSource, 'schema' | 'table' | 'agentField' | 'encoding'> {
  readonly fits: readonly Fit[];
}

/** What each field can be read from; a field that is not here takes any type, as text. */
const TAKES: Partial<
  Record<Field, { readonly kinds: readonly Kind[]; readonly wanted: string; readonly advice: string }>
> = {
  id: {
    kinds: ['text', 'number', 'uuid', 'scalar', 'instant', 'local', 'date'],
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

/** Names that a sentence lists; a table may have 1,600 columns, and a schema more tables. */
const LISTED = 20;

/** The columns of the profile's table; undefined when there is no such table. `anyCase` is as in `match`. */
export function findTable(
  { schema, table }: Source,
  rows: readonly ColumnRow[],
  anyCase: boolean,
): readonly [ColumnRow, ...ColumnRow[]] | undefined {
  const schemas = unique(rows.map((row) => row.schema));
  const inSchema = rows.filter((row) => row.schema === match(schema, schemas, anyCase));
  const name = match(table, unique(inSchema.map((row) => row.table)), anyCase);
  const [first, ...others] = inSchema.filter((row) => row.table === name);
  return first && [first, ...others];
}

/** Holds the profile's `pipeline.source.columns` against a table, given by its columns. */
export function examine(source: Source, rows: readonly [ColumnRow, ...ColumnRow[]], anyCase: boolean): Examined {
  const [{ schema, table, encoding }] = rows;
  const fields = Object.keys(source.columns) as Field[];
  return {
    schema,
    table,
    encoding,
    fits: fields.map((field) => fitField(source, rows, field, anyCase)),
    agentField: source.columns.agent?.split('.')[1] ?? null,
  };
}

/** What fits, or everything that does not. */
export function judgeFit(examined: Examined | Misfit): FittedSource | readonly Misfit[] {
  if ('problem' in examined) return [examined];
  const { fits, ...table } = examined;
  const misfits = fits.flatMap((each) => ('misfit' in each ? [each.misfit] : []));
  if (misfits.length > 0) return misfits;
  const columns = Object.fromEntries(fits.map((each) => [each.field, 'misfit' in each ? null : each.column]));
  return { ...table, columns: columns as FittedSource['columns'] };
}

export function isMisfit(fit: object): fit is readonly Misfit[] {
  return Array.isArray(fit);
}

/** The misfit in a sentence, with its place in the profile. */
export function describeMisfit(
  { file, name, target }: Pick<Profile, 'file' | 'name' | 'target'>,
  { path, problem, advice }: Misfit,
): string {
  return `${file}: ${[name, 'outputs', target, 'pipeline', 'source', ...path].join('.')}: ${endSentence(problem)} ${advice}`;
}

/** A question ends by itself. */
export function endSentence(text: string): string {
  return text.endsWith('?') ? text : `${text}.`;
}

/**
 * The name as PostgreSQL would find it: as it stands, as if it were quoted; else in lower case, as if it were not. With `anyCase`
 * as DuckDB and SQLite do, to which case means nothing.
 */
function match(name: string, names: readonly string[], anyCase: boolean): string | undefined {
  const lower = name.toLowerCase();
  return (
    names.find((each) => each === name) ??
    names.find((each) => each === lower) ??
    (anyCase ? names.find((each) => each.toLowerCase() === lower) : undefined)
  );
}

function fitField(
  { columns: named }: Source,
  rows: readonly [ColumnRow, ...ColumnRow[]],
  field: Field,
  anyCase: boolean,
): Fit {
  const [name = null, inside] = field === 'agent' ? (named.agent?.split('.') ?? []) : [named[field]];
  if (name === null) return { field, column: null };
  const refuse = (problem: string, advice: string): Fit => ({
    field,
    misfit: { path: ['columns', field], problem, advice },
  });
  const names = rows.map(({ column }) => column);
  const row = rows.find(({ column }) => column === match(name, names, anyCase));
  const [{ schema, table }] = rows;
  if (row === undefined)
    return refuse(`${schema}.${table} has no column "${name}"${didYouMean(name, names)}`, adviceOn(field, names));
  const takes = TAKES[field];
  if (takes !== undefined && !takes.kinds.includes(row.kind))
    return refuse(`column "${row.column}" is ${row.type}; ${takes.wanted}`, takes.advice);
  if (inside !== undefined && row.kind !== 'json' && row.kind !== 'text')
    return refuse(
      `column "${row.column}" is ${row.type}, which has no field "${inside}"`,
      'Name a JSON column, a column by itself, or null.',
    );
  return { field, column: { name: row.column, type: row.type, kind: row.kind } };
}

function adviceOn(field: Field, names: readonly string[]): string {
  const optional = !NEEDED.some((needed) => needed === field);
  const write = optional ? `Write ${field}: null if there is none.` : `Write ${field}: with the name of that column.`;
  return `${write} The table has ${list(names)}.`;
}

/** Says what is there instead: a table of almost the name, the same name in another schema, or what the schema has. */
export function missingTable({ schema, table }: Source, places: readonly Place[]): Misfit {
  const schemas = unique(places.map((place) => place.schema));
  const tables = places.flatMap((place) =>
    place.schema === match(schema, schemas, false) && place.table !== null ? [place.table] : [],
  );
  const elsewhere = unique(places.filter((place) => place.table === table).map((place) => place.schema));
  const moved = elsewhere.length > 0 ? `There is one in ${list(elsewhere)}: write that as schema. ` : '';
  if (match(schema, schemas, false) === undefined) {
    const problem = `there is no schema "${schema}"${didYouMean(schema, schemas)}`;
    const has = schemas.length > 0 ? `The schemas are ${list(schemas)}.` : 'There is no schema.';
    return { path: ['schema'], problem, advice: `${moved}${has}` };
  }
  const has = tables.length > 0 ? `${schema} has ${list(tables)}` : `${schema} has no table`;
  return {
    path: ['table'],
    problem: `there is no table ${schema}.${table}${didYouMean(table, tables)}`,
    advice: `${moved}Write the name of the table that the agents write to. ${has}.`,
  };
}

function list(names: readonly string[]): string {
  const more = names.length - LISTED;
  return `${names.slice(0, LISTED).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
