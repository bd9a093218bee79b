import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBResultReader } from '@duckdb/node-api';
import { withStatement } from '../duckdb/statement.ts';
import { messageOf } from '../memory/errors.ts';
import { findCopiedQuery } from './copied-query.ts';
import { passesOf } from './passes.ts';
import { transactInPasses } from './transaction.ts';

/**
 * Runs one statement, which may call LLM functions: by itself, or through a view, a macro or a generated column. Outside of a
 * transaction it gets one of its own; DuckDB tells of its calls, so a statement without them costs nothing. `name` is what it is
 * called in an error.
 * @throws StatementError; what the model throws
 */
export async function runStatement(
  connection: DuckDBConnection,
  name: string,
  text: string,
): Promise<DuckDBResultReader> {
  const passes = passesOf(connection);
  const calls = () => passes !== undefined && passes.bound > 0;
  const run = <T>(sql: string, body: (statement: DuckDBPreparedStatement) => Promise<T>) => {
    passes?.forgetBound();
    return withStatement({ connection, name, text: sql, parameters: {} }, body);
  };
  const plain = await run(text, async (statement) => (calls() ? null : statement.runAndReadAll())).catch(
    (error: unknown) => {
      // Of a generated column that is inserted DuckDB tells only while it runs.
      if (calls()) return null;
      throw error;
    },
  );
  if (plain !== null) return plain;
  if (passes?.inPasses === false) return inTransaction(connection, () => runStatement(connection, name, text));
  const copied = findCopiedQuery(text);
  if (copied !== null) {
    // A file cannot be rolled back: COPY has its turn when what it reads has run without a question.
    await run(copied, exhaust);
    passes?.refusePlaceholders();
  }
  const result = await run(text, (statement) => statement.runAndReadAll());
  passes?.refusePlaceholders();
  return result;
}

async function inTransaction<T>(connection: DuckDBConnection, body: () => Promise<T>): Promise<T> {
  try {
    return await transactInPasses(connection, body);
  } catch (error) {
    if (!messageOf(error).includes('cannot start a transaction within a transaction')) throw error;
    throw new Error(
      `${messageOf(error)}. A transaction whose statements call LLM functions cannot be begun by hand: use transactInPasses().`,
    );
  }
}

/** Runs a query to its end without keeping its rows: a COPY may write more than fits into memory. */
async function exhaust(statement: DuckDBPreparedStatement): Promise<void> {
  const rows = await statement.stream();
  for (let more = true; more; more = ((await rows.fetchChunk())?.rowCount ?? 0) > 0);
}
