import { z } from 'zod';
import { runFile } from '../duckdb/statement.ts';
import type { RejectedRow } from '../memory/types.ts';
import type { Dependencies } from './step.ts';

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
