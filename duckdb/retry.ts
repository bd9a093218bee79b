import { setTimeout } from 'node:timers/promises';
import type { Profile, Retries } from '../profiles/profile.ts';

/** How DuckDB's messages begin, and what dbt, whose DuckDB speaks Python, calls the exception; others are `<kind>Exception`. */
const NAMES: Readonly<Record<string, string>> = {
  IO: 'IOException',
  HTTP: 'HTTPException',
  INTERRUPT: 'InterruptException',
  FATAL: 'FatalException',
  INTERNAL: 'InternalException',
  TransactionContext: 'TransactionException',
};

/** After these an instance of DuckDB is of no use, however often it is asked. */
const HOPELESS = ['FatalException', 'InternalException'];

/** dbt's name of an error of DuckDB: `IO Error: ...` is an IOException, `Out of Memory Error: ...` an OutOfMemoryException. */
function exceptionName(error: unknown): string | undefined {
  const kind = /^([A-Za-z ]+?) Error: /.exec(error instanceof Error ? error.message : '')?.[1];
  if (kind === undefined) return undefined;
  const joined = kind.replaceAll(/ (\w)/g, (_, letter: string) => letter.toUpperCase());
  return NAMES[kind] ?? `${joined}Exception`;
}

/** What opening a database needs beyond its profile. */
export interface Opening {
  readonly report: (line: string) => void;
  /** Waits between two attempts; a test gives its own. */
  readonly pause?: ((ms: number) => Promise<unknown>) | undefined;
}

/** How often to try in all, and after which exceptions, by dbt's names. */
export interface Retrying extends Opening {
  readonly attempts: number;
  readonly exceptions: Retries['retryableExceptions'];
}

/** How the profile wants connections tried again: once, unless it says otherwise. */
export function connecting({ retries }: Pick<Profile, 'retries'>, opening: Opening): Retrying {
  return { ...opening, attempts: retries?.connectAttempts ?? 1, exceptions: retries?.retryableExceptions ?? [] };
}

/**
 * Tries again after an error that the profile calls retryable, 1, 2, 4, ... seconds later, as dbt does; unlike dbt it does
 * not wait after the last failure. What has broken the instance itself is never tried again on it.
 * @throws what the last attempt threw
 */
export async function retry<T>(what: string, action: () => Promise<T>, retrying: Retrying): Promise<T> {
  const { attempts, exceptions, report, pause = setTimeout } = retrying;
  for (let failures = 0; ; failures += 1) {
    try {
      return await action();
    } catch (error) {
      const name = exceptionName(error);
      const retryable = name !== undefined && exceptions.includes(name) && !HOPELESS.includes(name);
      if (!retryable || failures + 1 >= attempts) throw error;
      const seconds = 2 ** failures;
      report(
        `${what}: ${name}, trying again in ${String(seconds)} s (attempt ${String(failures + 2)} of ${String(attempts)})`,
      );
      await pause(seconds * 1000);
    }
  }
}
