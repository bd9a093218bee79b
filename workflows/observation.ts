import type { StateChecksum, StateSummary } from '../memory/types.ts';
import { invalid, parseAsOf } from './input.ts';
import { observer } from './proxies.ts';

/** Asks the process that owns the database for its checksum; while it runs, no other process can read the file. */
export async function checksum(): Promise<StateChecksum> {
  return observer.computeStateChecksum();
}

/** Asks it what is held as of a time. */
export async function summary(input?: { asOf: string; limit: number }): Promise<StateSummary> {
  const { asOf, limit } = { asOf: '', limit: 0, ...input };
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw invalid(`expected limit to be a whole number from 1 to 1000, got ${String(limit)}`);
  return observer.summarizeState({ asOf: parseAsOf(asOf), limit });
}
