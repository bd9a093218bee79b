import type { DuckDBConnection } from '../duckdb/database.ts';
import type { Scanner } from '../memory/traces.ts';

/** The parts that stand in rows, each given as one text. */
export async function scanRows(rows: AsyncIterable<string>, { scanner }: { readonly scanner: Scanner }) {
  const encoder = new TextEncoder();
  const parts = new Set<number>();
  let hits = 0;
  for await (const row of rows) {
    const found = scanner.scan(encoder.encode(row));
    if (found.length > 0) hits += 1;
    for (const number of found) parts.add(number);
  }
  return { hits, parts };
}

/** Texts of a query's first column, chunk by chunk. */
export async function* streamTexts(connection: DuckDBConnection, sql: string): AsyncGenerator<string> {
  const result = await connection.stream(sql);
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk())
    for (const text of chunk.getColumnValues(0)) if (typeof text === 'string') yield text;
}
