import { connect, type ConnectOptions, type Database, type DuckDBConnection } from '../duckdb/database.ts';
import type { Profile } from '../profiles/profile.ts';
import { createResolve } from './answers.ts';
import { LlmCache } from './cache.ts';
import type { Models } from './calls.ts';
import { LlmFunctions } from './functions.ts';
import { Passes } from './passes.ts';

/** A database that answers LLM functions: run statements that may call them by `runStatement`, or in `transactInPasses`. */
export interface LlmDatabase extends Database {
  /** `signal` ends what the connection's statements ask of a model. */
  use<T>(body: (connection: DuckDBConnection) => Promise<T>, options?: { signal?: AbortSignal }): Promise<T>;
}

/**
 * Opens the database of a profile, as `connect` does, with LLM functions that ask these models; for one that is missing they refuse.
 * @throws what `connect` throws
 */
export async function connectWithLlm(
  profile: Profile,
  report: (line: string) => void,
  { model, embedding, ...options }: Omit<ConnectOptions, 'register'> & Models,
): Promise<LlmDatabase> {
  const functions = new LlmFunctions();
  const database = await connect(profile, report, { ...options, register: functions.register });
  const resolve = createResolve({ model, embedding }, new LlmCache(database, profile.pipeline.llm.cache));
  return {
    ...database,
    use: (body, { signal = new AbortController().signal } = {}) =>
      database.use((connection) => functions.serve(connection, new Passes(resolve, signal), () => body(connection))),
  };
}
