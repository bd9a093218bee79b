import type { DuckDBConnection } from '@duckdb/node-api';

/** Runs SQL and gives the last statement's rows, each a list of its columns, as values that JSON can hold. */
export async function readRows(connection: DuckDBConnection, sql: string): Promise<unknown[][]> {
  const rows = (await connection.runAndReadAll(sql)).getRowsJS();
  return rows.map((row) => row.map(toJson));
}

/** A whole number beyond what JSON's readers keep exact becomes text, a time ISO 8601, bytes base64. */
function toJson(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]));
}
