import type { Attempt, Dependencies } from '../activities/step.ts';
import type { Client } from '../client.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Services } from '../services/services.ts';
import type { Context } from './context.ts';

/** Something that is done to the state, by whoever owns its database: this process, or a worker that is asked. */
export interface Errand<T> {
  readonly name: string;
  readonly work: (dependencies: Dependencies, attempt: Attempt) => Promise<T>;
  readonly ask: (client: Client) => Promise<T>;
}

/**
 * Does it here where nobody has the database open, and asks the worker that has.
 * @throws ServiceError where another process has it that is no worker within reach; what the errand throws
 */
export async function runErrand<T>(
  context: Context,
  postgres: Services['postgres'],
  { name, work, ask }: Errand<T>,
): Promise<T> {
  const { DatabaseHeldError } = await import('../duckdb/database.ts');
  const profile = context.profile({ postgres });
  try {
    // What is in memory is a worker's alone.
    if (profile.path !== ':memory:') return await workHere(context, profile, postgres.url, work);
  } catch (error) {
    if (!(error instanceof DatabaseHeldError)) throw error;
    context.report(`${name}: ${error.message} Asking it.`);
  }
  const [{ requireWorker }, { temporalAddress, withClient }] = await Promise.all([
    import('../client.ts'),
    import('./temporal.ts'),
  ]);
  return withClient(context, await temporalAddress(context), async (client, temporal) => {
    await requireWorker(temporal);
    return ask(client);
  });
}

/** What a worker has, without a model. */
async function workHere<T>(
  { report, workspace }: Context,
  profile: Profile,
  postgresUrl: string,
  work: Errand<T>['work'],
): Promise<T> {
  const [{ openReconnecting }, { rewriting }, { LlmFunctions }, { rules }, { createPool }, { sourceAddress }, paths] =
    await Promise.all([
      import('../duckdb/reconnecting.ts'),
      import('../duckdb/rewrite.ts'),
      import('../llm-sql/functions.ts'),
      import('../llm/rules.ts'),
      import('../source/pool.ts'),
      import('../source/address.ts'),
      import('../recall/paths.ts'),
    ]);
  const recallFile = paths.recallFileOf(profile, workspace);
  const { register } = new LlmFunctions();
  const allowedPaths = paths.nextFiles(recallFile);
  const database = await openReconnecting({ profile: () => profile, report, register, allowedPaths });
  const address = () => sourceAddress(profile) ?? postgresUrl;
  const postgres = createPool({ address, threads: profile.threads, report });
  try {
    const rewrite = rewriting(database, profile);
    const dependencies = { database, postgres, profile, report, recallFile, rewrite, reader: rules, embedder: null };
    return await work(dependencies, { signal: new AbortController().signal, beat: () => undefined });
  } finally {
    await postgres.end();
    database.close();
  }
}
