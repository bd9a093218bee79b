import { setTimeout } from 'node:timers/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Profile, Retries } from '../profiles/profile.ts';
import { breaksInstance, exceptionName } from './exception.ts';

/** What opening a database needs beyond its profile. */
export interface Opening {
  /** Files that a hardened database may still make and read besides its own. */
  readonly allowedPaths?: readonly string[] | undefined;
  readonly report: (line: string) => void;
  /** Registers further functions, before anything is attached whose views may call them. */
  readonly register?: ((connection: DuckDBConnection) => void) | undefined;
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
      const retryable = name !== undefined && exceptions.includes(name) && !breaksInstance(error);
      if (!retryable || failures + 1 >= attempts) throw error;
      const seconds = 2 ** failures;
      report(
        `${what}: ${name}, trying again in ${String(seconds)} s (attempt ${String(failures + 2)} of ${String(attempts)})`,
      );
      await pause(seconds * 1000);
    }
  }
}
