import { reasonOf, ServiceError } from '../memory/errors.ts';

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
  throw new ServiceError([`${what} could not be fetched. Tried:`, ...failures, advice].filter(Boolean).join('\n'));
}
