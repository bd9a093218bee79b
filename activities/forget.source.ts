import type pg from 'pg';
import { z } from 'zod';
import type { DuckDBConnection } from '../duckdb/database.ts';
import { runText } from '../duckdb/statement.ts';
import type { Profile } from '../profiles/profile.ts';
import { quoteIdentifier, quoteLiteral } from '../profiles/sql.ts';
import type { ForgetReceipt } from '../memory/types.ts';
import { openTable, tableOf } from '../source/memories.ts';
import type { FittedSource } from '../source/fit.ts';
import { classify } from './failure.ts';
import { dialectOf, requireSource } from './ingest.source.ts';

export const textRows = z.array(
  z.object({
    id: z.string(),
    content: z.string().nullable(),
    context: z.string().nullable(),
    metadata: z.string().nullable(),
  }),
);

const idRows = z.array(z.object({ id: z.string() }));

/** A text that is to be forgotten, and what goes with it. */
export type Text = z.infer<typeof textRows>[number];

/** What PostgreSQL says to a role that may not, of a view that is none of one table, on a standby, and for the sake of others' rows. */
const REFUSALS = /^(?:42501|55000|25006|0A000|23|44|P0)/;

/** The texts of rows of the agents' table; of one that is in no PostgreSQL those that are held have to do. */
export async function readTexts(client: pg.ClientBase, profile: Profile, ids: readonly string[]): Promise<Text[]> {
  if (dialectOf(profile) !== 'postgres') return [];
  const { fitted } = await openTable(client, profile);
  const { id, content, context, metadata } = fitted.columns;
  const text = (column: { readonly name: string } | null) =>
    column === null ? 'null::text' : `${quoteIdentifier(column.name)}::text`;
  const { rows } = await client.query(
    `select ${text(id)} as id, ${text(content)} as content, ${text(context)} as context, ${text(metadata)} as metadata
     from ${tableOf(fitted)} where ${text(id)} = any ($1)`,
    [ids],
  );
  return textRows.parse(rows);
}

/** Which of the ids stand in the agents' table. */
export async function holdsRows(
  client: pg.ClientBase,
  connection: DuckDBConnection,
  profile: Profile,
  ids: readonly string[],
): Promise<string[]> {
  if (dialectOf(profile) === 'postgres') return idsIn(client, (await openTable(client, profile)).fitted, ids);
  const { fitted } = await requireSource(connection, profile);
  const { attachment } = profile.pipeline.source;
  const key = `${quoteIdentifier(fitted.columns.id.name)}::varchar`;
  const rows = await runText(
    connection,
    'ids of the source',
    `select distinct ${key} as id from ${quoteIdentifier(attachment)}.${tableOf(fitted)} where list_contains(from_json($ids, '["VARCHAR"]'), ${key})`,
    { ids: JSON.stringify(ids) },
  );
  return idRows.parse(rows).map(({ id }) => id);
}

/**
 * Deletes rows of the agents' table as far as the role may; only from PostgreSQL.
 * @throws what PostgreSQL says of anything but a right, a view or a constraint
 */
export async function deleteRows(
  client: pg.ClientBase,
  connection: DuckDBConnection,
  profile: Profile,
  ids: readonly string[],
): Promise<ForgetReceipt['source']> {
  if (dialectOf(profile) !== 'postgres') {
    const { fitted } = await requireSource(connection, profile);
    const left = await holdsRows(client, connection, profile, ids);
    return describeLeft(fitted, { deleted: 0, left, why: 'the source is no PostgreSQL: it is only read' });
  }
  const { fitted } = await openTable(client, profile);
  let deleted = 0;
  // Row-level security and triggers may keep rows without a word.
  let why = 'the database kept them without a word';
  try {
    const { rowCount } = await client.query(`delete from ${tableOf(fitted)} where ${keyOf(fitted)} = any ($1)`, [ids]);
    deleted = rowCount ?? 0;
  } catch (error) {
    const { sqlstate = '', words } = classify(error);
    if (!REFUSALS.test(sqlstate)) throw error;
    why = words;
  }
  return describeLeft(fitted, { deleted, left: await idsIn(client, fitted, ids), why });
}

async function idsIn(client: pg.ClientBase, fitted: FittedSource, ids: readonly string[]): Promise<string[]> {
  const key = keyOf(fitted);
  const { rows } = await client.query(`select distinct ${key} as id from ${tableOf(fitted)} where ${key} = any ($1)`, [
    ids,
  ]);
  return idRows.parse(rows).map(({ id }) => id);
}

function keyOf({ columns }: FittedSource): string {
  return `${quoteIdentifier(columns.id.name)}::text`;
}

function describeLeft(
  fitted: FittedSource,
  { deleted, left, why }: { readonly deleted: number; readonly left: readonly string[]; readonly why: string },
): ForgetReceipt['source'] {
  if (left.length === 0) return { deleted, left: 0, why: null, sql: null };
  return { deleted, left: left.length, why, sql: deletionSql(fitted, left) };
}

/** What the owner of the table has to run. */
function deletionSql(fitted: FittedSource, ids: readonly string[]): string {
  const list = ids.map(quoteLiteral).join(', ');
  return `delete from ${tableOf(fitted)} where ${keyOf(fitted)} in (${list});`;
}
