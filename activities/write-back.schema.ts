import type pg from 'pg';
import { z } from 'zod';
import { listMigrations, pendingOf } from '../duckdb/migration-list.ts';
import { readSql } from '../duckdb/statement.ts';
import type { Ask } from '../source/catalog.ts';
import type { StepContext } from './step.ts';

/** Tables of schema dreams, their keys, and whether each cycle replaces them whole. */
export const TABLES = [
  { name: 'working_memory', key: ['target', 'memory_id'] },
  { name: 'short_term_episodes', key: ['target', 'episode_id'] },
  { name: 'long_term_memories', key: ['target', 'memory_id'] },
  { name: 'memory_insights', key: ['target', 'insight_id'] },
  { name: 'semantic_network', key: ['target', 'src', 'dst'], replaced: true },
  { name: 'processing_metrics', key: ['target', 'cycle_id', 'step'] },
  // The last: it also names what the others rejected.
  { name: 'rejected_rows', key: ['target', 'position'], replaced: true },
] as const;

export type Table = (typeof TABLES)[number];

const VIEWS = ['current_context', 'recent_episodes', 'knowledge_graph', 'memory_timeline'];
/** All but the record of versions. */
const RELATIONS: readonly string[] = [...TABLES.map(({ name }) => name), ...VIEWS];
const FOLDER = new URL('./dreams/', import.meta.url);
/** Two cycles of two targets on one database must not change the schema at the same time; the number is arbitrary but ours. */
const SCHEMA_LOCK = 7_315_244_501;
/** A role that may write to the schema has to know its version, also with rights that are older than this table. */
const RECORD = `
  create table if not exists dreams.migration (version integer primary key, file text not null, applied_at timestamptz not null);
  grant select on dreams.migration to public`;

const foundRow = z.tuple([z.object({ found: z.string() })]);
const versionRow = z.tuple([z.object({ version: z.number() })]);
const factsSchema = z.object({
  role: z.string(),
  database: z.string(),
  creates_schema: z.boolean(),
  /** Null: there is none. */
  schema: z.object({ used: z.boolean(), creates: z.boolean() }).nullable(),
  relations: z.array(z.object({ name: z.string(), owned: z.boolean(), written: z.boolean(), keyed: z.boolean() })),
});

/** What a database has of schema dreams, without what others put there, and what the role that asked may do with it. */
export interface Dreams extends z.infer<typeof factsSchema> {
  /** 0: made by nobody, by somebody else, or by version 0.2.0, which counted none. */
  readonly version: number;
  /** Tables and views of the newest version that are not there. */
  readonly missing: readonly string[];
}

/** `ask` runs a query on the database that is written back to. */
export async function examineDreams(ask: Ask): Promise<Dreams> {
  const [{ found }] = foundRow.parse(await ask(readSql(new URL('examine.sql', FOLDER))));
  const facts = factsSchema.parse(JSON.parse(found));
  const relations = facts.relations.filter(({ name }) => name === 'migration' || RELATIONS.includes(name));
  const names = relations.map(({ name }) => name);
  const recorded = names.includes('migration') && facts.schema?.used === true;
  return {
    ...facts,
    relations,
    version: recorded ? await readVersion(ask) : 0,
    missing: RELATIONS.filter((name) => !names.includes(name)),
  };
}

async function readVersion(ask: Ask): Promise<number> {
  const rows = await ask('select coalesce(max(version), 0) as version from dreams.migration');
  return versionRow.parse(rows)[0].version;
}

/** The migrations that a schema still lacks. @throws ConfigurationError when a newer program has written to it */
export function pendingOfDreams({ version }: Pick<Dreams, 'version'>) {
  const otherwise =
    'rename the schema, or drop it if nobody else has put anything there: the next cycle makes it again';
  return pendingOf(listMigrations(FOLDER), { version, name: 'schema dreams in PostgreSQL', otherwise });
}

/**
 * Brings schema dreams to the newest version and makes again what somebody dropped, within the transaction of the client. Where
 * there is nothing to do, it needs no right but to read.
 * @throws ConfigurationError when a newer program has written to it
 */
export async function ensureSchema(client: pg.PoolClient, { input, report }: StepContext): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
  const dreams = await examineDreams(async (text) => (await client.query<object>(text)).rows);
  const pending = pendingOfDreams(dreams);
  if (pending.length === 0 && dreams.missing.length === 0) return;
  if (dreams.schema === null) await client.query('create schema dreams');
  await client.query(RECORD);
  // A migration leaves alone what is there, so that all of them together make what is not.
  for (const { sql } of dreams.missing.length > 0 ? listMigrations(FOLDER) : pending) await client.query(sql);
  for (const { version, file } of pending)
    await client.query('insert into dreams.migration values ($1, $2, $3)', [version, file, input.asOf]);
  await refill(client, dreams.missing);
  for (const line of describeChange(dreams, pending.at(-1)?.version)) report(line);
}

/** Every target that does not find its last cycle writes all of its rows once more: to a table that is empty again they all belong. */
async function refill(client: pg.PoolClient, missing: Dreams['missing']): Promise<void> {
  if (TABLES.some((table) => !('replaced' in table) && missing.includes(table.name)))
    await client.query('delete from dreams.processing_metrics');
}

function describeChange({ schema, missing }: Dreams, newest: number | undefined): string[] {
  if (schema === null) return [];
  if (newest !== undefined) return [`schema dreams: brought to version ${newest}`];
  return [`schema dreams: ${missing.join(', ')} ${missing.length === 1 ? 'was' : 'were'} not there, and made again`];
}
