import type { DuckDBConnection } from '@duckdb/node-api';

/**
 * Runs a body in a transaction, which is committed when the body is done and rolled back when it throws, or with `keep: false`
 * in any case.
 * @throws what the body throws
 */
export async function transact<T>(
  connection: DuckDBConnection,
  body: () => Promise<T>,
  { keep = true }: { keep?: boolean } = {},
): Promise<T> {
  await connection.run('begin');
  try {
    const result = await body();
    await connection.run(keep ? 'commit' : 'rollback');
    return result;
  } catch (error) {
    // A failed commit has already ended the transaction; the first error is the one that matters.
    await connection.run('rollback').catch(() => undefined);
    throw error;
  }
}
