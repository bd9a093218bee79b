import { z } from 'zod';
import { transact } from '../duckdb/transaction.ts';
import { FATES, type RestoreInput, type RestoreOutcome } from '../memory/types.ts';
import { attemptOfActivity, runner, useInterruptibly, type Dependencies } from './step.ts';

const foundRow = z.tuple([
  z.object({
    held: z.boolean(),
    forgotten: z.boolean(),
    fate: z.enum(FATES).nullable(),
    retrievability: z.number().nullable(),
  }),
]);

/**
 * Brings an archived memory back. Whoever asks for it has recalled it and found it of worth, which is a recall of the highest grade: its
 * trace gains by it, the more the weaker it was, and its fate is decided again at once.
 */
export async function restoreMemory(
  { database }: Dependencies,
  { id, asOf }: RestoreInput,
  attempt = attemptOfActivity(),
): Promise<RestoreOutcome> {
  return useInterruptibly(database, attempt, async (connection) => {
    const run = runner(connection, { as_of: asOf, cycle_id: asOf, memory_id: id });
    const find = async () => foundRow.parse(await run('restore.find'))[0];
    const { held, forgotten, fate } = await find();
    if (!held) return { status: forgotten ? 'forgotten' : 'unknown' };
    const isRestored = (await run('restore.find-event')).length > 0;
    if (fate !== 'rapid_forgetting' && !isRestored) return { status: 'not archived', fate };
    if (!isRestored)
      await transact(connection, async () => {
        await run('restore.log-recall');
        await run('consolidation.fold-event');
        await run('consolidation.decide-fate', { only: id, night: asOf, known_event: null });
      });
    const { fate: now, retrievability } = await find();
    return { status: 'restored', fate: now ?? 'hippocampal_retention', retrievability: retrievability ?? 1 };
  });
}
