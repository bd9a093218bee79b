import type pg from 'pg';
import { listMigrations, pendingOf } from '../duckdb/migration-list.ts';
import { ConfigurationError } from '../memory/errors.ts';
import { OWNER_ADVICE } from './advice.ts';
import type { StepContext } from './step.ts';
import { describeReplaced, examineDreams, type Dreams } from './write-back.examine.ts';
import { FOLDER, RELATIONS, TABLES } from './write-back.tables.ts';

/** Two cycles of two targets on one database must not change the schema at the same time; the number is arbitrary but ours. */
const SCHEMA_LOCK = 7_315_244_501;
/** A role that may write to the schema has to know its version, also with rights that are older than this table. */
const RECORD = `
  create table if not exists dreams.migration (version integer primary key, file text not null, applied_at timestamptz not null);
  grant select on dreams.migration to public`;

/** The migrations that a schema still lacks. @throws ConfigurationError when a newer program has written to it */
export function pendingOfDreams({ version }: Pick<Dreams, 'version'>) {
  const otherwise =
    'rename the schema, or drop it if nobody else has put anything there: the next cycle makes it again';
  return pendingOf(listMigrations(FOLDER), { version, name: 'schema dreams in PostgreSQL', otherwise });
}

/**
 * Brings schema dreams to the newest version and makes again what somebody dropped, within the transaction of the client. Where
 * there is nothing to do, it needs no right but to read.
 * @throws ConfigurationError when a newer program has written to it, when it is somebody else's, or when its owner has to change it
 */
export async function ensureSchema(
  client: pg.PoolClient,
  { input, report }: Pick<StepContext, 'input' | 'report'>,
): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
  const examine = () => examineDreams(async (text) => (await client.query<object>(text)).rows);
  const dreams = await examine();
  refuseForeignRecord(dreams);
  for (const line of describeReplaced(dreams)) report(`schema dreams: ${line}`);
  const pending = pendingOfDreams(dreams);
  if (pending.length === 0 && dreams.missing.length === 0) return;
  refuseOthers(dreams);
  if (dreams.schema === null) await client.query('create schema dreams');
  await client.query(RECORD);
  // A migration leaves alone what is there, so that all of them together make what is not.
  for (const { sql } of dreams.missing.length > 0 ? listMigrations(FOLDER) : pending) await client.query(sql);
  for (const { version, file } of pending)
    await client.query('insert into dreams.migration values ($1, $2, $3)', [version, file, input.asOf]);
  await refill(client, dreams.missing);
  const { missing } = await examine();
  for (const line of describeChange(dreams, missing, pending.at(-1)?.version)) report(`schema dreams: ${line}`);
}

function refuseForeignRecord({ foreign }: Dreams): void {
  const record = foreign.find(({ name }) => name === 'migration');
  if (record === undefined) return;
  throw new ConfigurationError(
    `Table dreams.migration is not as this program makes it, ${record.why}. Rename the schema, or drop it if nobody else has put ` +
      `anything there: the next cycle makes it again and writes everything to it`,
  );
}

/** Before PostgreSQL refuses a first statement, whose right alone would not do. */
function refuseOthers({ schema, relations, version }: Dreams): void {
  // Without the right to look at the record it is not known whether there is anything to do.
  if (version === 0 && schema?.used === false && relations.some(({ name }) => name === 'migration')) return;
  const others = relations.filter(({ owned }) => !owned).map(({ name }) => name);
  const first = RELATIONS.find((name) => others.includes(name));
  if (first === undefined) return;
  const { kind } = relations.find(({ name }) => name === first) ?? { kind: 'table' };
  throw new ConfigurationError(`${OWNER_ADVICE} (must be owner of ${kind} ${first})`);
}

/** Every target that does not find its last cycle writes all of its rows once more: to a table that is empty again they all belong. */
async function refill(client: pg.PoolClient, missing: Dreams['missing']): Promise<void> {
  if (TABLES.some((table) => !('replaced' in table) && missing.includes(table.name)))
    await client.query('delete from dreams.processing_metrics');
}

/** `left` could not be made. */
function describeChange({ schema, missing }: Dreams, left: readonly string[], newest: number | undefined): string[] {
  if (schema === null) return [];
  const made = missing.filter((name) => !left.includes(name));
  const again = `${made.join(', ')} ${made.length === 1 ? 'was' : 'were'} not there, and made again`;
  return [
    ...(newest !== undefined ? [`brought to version ${newest}`] : made.length > 0 ? [again] : []),
    ...left.map((name) => `${name} cannot be made: a column that it needs was dropped`),
  ];
}
