import { ServiceError } from '../memory/errors.ts';

/** One way to get something, tried in its turn. */
export interface Way<T> {
  /** Reads well after "tried": `PyPI (https://pypi.org/…)`. */
  readonly name: string;
  run(): Promise<T>;
}

/**
 * The result of the first way that works; `report` hears of each one that did not.
 *
 * Throws a ServiceError that lists every way and why it failed, followed by `advice`.
 */
export async function firstOf<T>(
  what: string,
  ways: readonly Way<T>[],
  report: (line: string) => void,
  advice = '',
): Promise<T> {
  const failures: string[] = [];
  for (const way of ways) {
    try {
      return await way.run();
    } catch (error) {
      const lines = reasonOf(error).split('\n');
      failures.push(`  - ${way.name}: ${lines.join('\n  ')}`);
      report(`${what}: not from ${way.name} (${lines.map((line) => line.trim()).join(' ')})`);
    }
  }
  throw new ServiceError([`${what} could not be had. Tried:`, ...failures, advice].filter(Boolean).join('\n'));
}

/** What went wrong in one line, down to the innermost cause: fetch's own message is only `fetch failed`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // An AggregateError (all of a name's addresses failed) has an empty message and the reasons inside.
  const own = error instanceof AggregateError && !error.message ? error.errors.map(reasonOf).join('; ') : error.message;
  const text = error.cause === undefined ? own : `${own}: ${reasonOf(error.cause)}`;
  return text.trim() || error.name;
}
