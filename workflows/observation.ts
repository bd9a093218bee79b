import type { StateChecksum, StateSummary } from '../memory/types.ts';
import { invalid } from './exclusive.ts';
import { observer } from './proxies.ts';

/** Asks the process that owns the database for its checksum; while it runs, no other process can read the file. */
export async function checksum(): Promise<StateChecksum> {
  return observer.computeStateChecksum();
}

/** Asks it what is held as of a time. */
export async function summary(input: { asOf: string; limit: number }): Promise<StateSummary> {
  if (!Number.isInteger(input.limit) || input.limit < 1 || input.limit > 1000)
    throw invalid(`expected limit to be a whole number from 1 to 1000, got ${String(input.limit)}`);
  return observer.summarizeState(input);
}
