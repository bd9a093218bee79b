import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { StateChecksum } from '../memory/types.ts';
import { quoteIdentifier } from '../profiles/sql.ts';

type TableChecksum = StateChecksum['tables'][number];

/**
 * Which migrations ran, which rows were passed over or are not to be taken, which answers of models are kept and what they cost is no
 * part of what is remembered; nor is the copy of what recalls were told, of which what counts stands in `event` and `coactivation`, nor
 * what has been published.
 */
const NOT_STATE = [
  ...(['migration', 'rejected_row', 'forgotten', 'recall_feedback', 'llm_cache', 'llm_usage', 'llm_unfit'] as const),
  ...(['published_file', 'changed_cycle'] as const),
];

const nameRows = z.array(z.object({ table_name: z.string() }));
const hashRows = z.tuple([z.object({ rows: z.coerce.number(), hash: z.string() })]);

/** Checksums of all state tables, sorted by name; the connection stands in their schema. */
export async function computeChecksum(connection: DuckDBConnection): Promise<StateChecksum> {
  const names = await connection.runAndReadAll(
    `select table_name from duckdb_tables()
     where database_name = current_database() and schema_name = current_schema() and not temporary order by table_name`,
  );
  const tables: TableChecksum[] = [];
  for (const { table_name: table } of nameRows.parse(names.getRowObjectsJS())) {
    if (!NOT_STATE.some((each) => each === table)) tables.push(await hashTable(connection, table));
  }
  const lines = tables.map(({ table, rows, hash }) => `${table} ${String(rows)} ${hash}`).join('\n');
  return { checksum: createHash('md5').update(lines).digest('hex'), tables };
}

/** A sum of row hashes, unlike an exclusive or, also notices a row that stands twice. */
async function hashTable(connection: DuckDBConnection, table: string): Promise<TableChecksum> {
  const result = await connection.runAndReadAll(
    `select count(*) as rows, (coalesce(sum(hash(t)::hugeint), 0) % 18446744073709551616)::varchar as hash
     from ${quoteIdentifier(table)} t`,
  );
  const [{ rows, hash }] = hashRows.parse(result.getRowObjectsJS());
  return { table, rows, hash: BigInt(hash).toString(16).padStart(16, '0') };
}
