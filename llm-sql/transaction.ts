import type { DuckDBConnection } from '@duckdb/node-api';
import { transact } from '../duckdb/transaction.ts';
import { passesOf } from './passes.ts';

/**
 * Runs a body in a transaction. If it calls LLM functions whose answers are not known yet, the transaction is rolled back, the
 * model is asked, and the body runs again: it takes effect once, but runs more than once, so all that it does has to be in the
 * transaction or safe to repeat. With `keep: false` it is rolled back in the end.
 * @throws what the body throws; what the model throws
 */
export async function transactInPasses<T>(
  connection: DuckDBConnection,
  body: () => Promise<T>,
  options: { keep?: boolean } = {},
): Promise<T> {
  const passes = passesOf(connection);
  const attempt = () =>
    transact(
      connection,
      async () => {
        const result = await body();
        passes?.refusePlaceholders();
        return result;
      },
      options,
    );
  return passes === undefined ? attempt() : passes.repeat(attempt);
}
