import type { DuckDBConnection } from '@duckdb/node-api';
import { sessionOf } from './llm-session.ts';

/**
 * Runs a body in a transaction. If it calls LLM functions whose answers are not known yet, the transaction is rolled back, the
 * model is asked, and the body runs again: it takes effect once, but runs more than once, so all that it does has to be in the
 * transaction or safe to repeat. With `keep: false` it is rolled back in the end.
 * @throws what the body throws; what the model throws
 */
export async function transact<T>(
  connection: DuckDBConnection,
  body: () => Promise<T>,
  { keep = true }: { keep?: boolean } = {},
): Promise<T> {
  const session = sessionOf(connection);
  const attempt = async () => {
    await begin(connection);
    try {
      const result = await body();
      session?.refusePlaceholders();
      await connection.run(keep ? 'commit' : 'rollback');
      return result;
    } catch (error) {
      // A failed commit has already ended the transaction; the first error is the one that matters.
      await connection.run('rollback').catch(() => undefined);
      throw error;
    }
  };
  return session === undefined ? attempt() : session.repeat(attempt);
}

async function begin(connection: DuckDBConnection): Promise<void> {
  try {
    await connection.run('begin');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${reason}. A transaction whose statements call LLM functions cannot be begun by hand: use transact().`,
    );
  }
}
