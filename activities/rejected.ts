import { z } from 'zod';
import { runFile } from '../duckdb/statement.ts';
import type { RejectedRow } from '../memory/types.ts';
import type { Dependencies, StepContext } from './step.ts';

/** A row that could not be read or written back, by its key. */
export interface Rejected {
  readonly id: string;
  /** Completes "<column> ...", without the row's text. */
  readonly reason: string;
}

/** Rows that are named; how many there are in all is counted. */
const NAMED = 5;

const rejectedRows = z.array(
  z.object({ id: z.string().nullable(), column: z.string(), reason: z.string(), rows: z.number() }),
);

/** The rows that these steps passed over, those that came last first. */
export async function listRejected({ database }: Dependencies, steps: readonly string[]): Promise<RejectedRow[]> {
  const file = new URL('./rejected.list.sql', import.meta.url);
  const bound = { steps: JSON.stringify(steps), limit: NAMED };
  return database.use(async (connection) => rejectedRows.parse(await runFile(connection, file, bound)));
}

/** Keeps which rows the step had to pass over in one task or table, in place of those of the last time. */
export async function noteRejected(
  run: StepContext['run'],
  field: string,
  rejected: readonly Rejected[],
): Promise<void> {
  await run('rejected.drop', { field });
  if (rejected.length > 0) await run('rejected.write', { field, rejected: JSON.stringify(rejected) });
}
