import { z } from 'zod';
import { readSql } from '../duckdb/statement.ts';
import type { Ask } from '../source/catalog.ts';
import { columnsMade, FOLDER, RELATIONS, REQUIRED, VIEWS } from './write-back.tables.ts';

const foundRow = z.tuple([z.object({ found: z.string() })]);
const versionRow = z.tuple([z.object({ version: z.number() })]);
/** `demands`: it takes no row without a value. */
const columnSchema = z.object({ name: z.string(), type: z.string(), demands: z.boolean() });
const relationSchema = z.object({
  name: z.string(),
  kind: z.enum(['table', 'view', 'materialized view', 'foreign table']),
  owned: z.boolean(),
  written: z.boolean(),
  columns: z.array(columnSchema),
});
const factsSchema = z.object({
  role: z.string(),
  database: z.string(),
  creates_schema: z.boolean(),
  /** Null: there is none. */
  schema: z.object({ used: z.boolean(), creates: z.boolean() }).nullable(),
  relations: z.array(relationSchema),
});

type Relation = z.infer<typeof relationSchema>;

/** What a database has of schema dreams, without what others put there, and what the role that asked may do with it. */
export interface Dreams extends z.infer<typeof factsSchema> {
  /** 0: made by nobody, by somebody else, or by version 0.2.0, which counted none. */
  readonly version: number;
  /** Tables and views of the newest version that are not there. */
  readonly missing: readonly string[];
  /** Relations of our names that are somebody else's, and why. */
  readonly foreign: readonly { readonly name: string; readonly why: string }[];
  /** Views in whose place there is something else. */
  readonly replaced: readonly Relation[];
  /** Columns that somebody dropped, as `table.column`. */
  readonly lost: readonly string[];
  /** Columns of others that take no row of ours, as `table.column`. */
  readonly demanding: readonly string[];
}

/** `ask` runs a query on the database that is written back to. */
export async function examineDreams(ask: Ask): Promise<Dreams> {
  const [{ found }] = foundRow.parse(await ask(readSql(new URL('examine.sql', FOLDER))));
  const facts = factsSchema.parse(JSON.parse(found));
  const relations = facts.relations.filter(({ name }) => name === 'migration' || RELATIONS.includes(name));
  const has = (wanted: string) => relations.some(({ name }) => name === wanted);
  const foreign = relations.flatMap(judgeOwnership);
  const recorded = has('migration') && !foreign.some(({ name }) => name === 'migration') && facts.schema?.used === true;
  const version = recorded ? await readVersion(ask) : 0;
  return {
    ...facts,
    ...{ relations, version, foreign, ...compareColumns(relations, version) },
    missing: RELATIONS.filter((name) => !has(name)),
    replaced: relations.filter(({ name, kind }) => VIEWS.includes(name) && kind !== 'view'),
  };
}

/** Somebody else's where it lacks what this program cannot do without. */
function judgeOwnership({ name, kind, columns }: Relation): Dreams['foreign'] {
  const required = REQUIRED[name] ?? [];
  if (required.length === 0) return [];
  if (kind === 'materialized view') return [{ name, why: 'a materialized view, which takes no rows' }];
  const lacking = required.filter((wanted) => !columns.some((column) => column.name === wanted));
  if (lacking.length > 0)
    return [{ name, why: `without the column${lacking.length > 1 ? 's' : ''} ${lacking.join(', ')}` }];
  const odd = name === 'migration' && columns.some((column) => column.name === 'version' && column.type !== 'integer');
  return odd ? [{ name, why: 'its column version is no integer' }] : [];
}

function compareColumns(relations: readonly Relation[], version: number): Pick<Dreams, 'lost' | 'demanding'> {
  const made = columnsMade(version);
  const tables = relations.filter(({ name }) => name in REQUIRED);
  const list = (wanted: (column: Relation['columns'][number]) => boolean) =>
    tables.flatMap(({ name, columns }) => columns.filter(wanted).map((column) => `${name}.${column.name}`));
  const present = list(() => true);
  return {
    lost: made.filter(
      (column) => tables.some(({ name }) => column.startsWith(`${name}.`)) && !present.includes(column),
    ),
    demanding: list(({ demands }) => demands).filter((column) => !made.includes(column)),
  };
}

async function readVersion(ask: Ask): Promise<number> {
  const rows = await ask('select coalesce(max(version), 0) as version from dreams.migration');
  return versionRow.parse(rows)[0].version;
}

/** What a person may not expect of a view that somebody put something else in the place of. */
export function describeReplaced({ replaced }: Dreams): string[] {
  return replaced.map(
    ({ name, kind }) =>
      `${name} is a ${kind}, where this program makes a view: it is left as it is, and shows what whoever made it puts there`,
  );
}
