import { z } from 'zod';
import { refoldHistory } from './refold.ts';
import { countChanged, readCounts, type Step, type StepContext } from './step.ts';

const stepRow = z.object({ step: z.number() });

/** Scales all associations towards a target mean and prunes those that are weak and idle. */
export const scaleAssociations: Step = {
  name: 'scaleAssociations',
  prepare: refoldHistory,
  finish: async ({ run, input }) => {
    const scaled = await scale(run, input.asOf);
    const pruned = countChanged(await run('homeostasis.prune'));
    return { scaled, pruned, ...readCounts(await run('homeostasis.count')) };
  },
};

/** How far is in the log, so that weights can be folded again. */
async function scale(run: StepContext['run'], asOf: string): Promise<number> {
  const [row] = await run('homeostasis.log-scaling');
  if (row === undefined) return 0;
  return countChanged(await run('homeostasis.scale', { weight_step: stepRow.parse(row).step, scaled_at: asOf }));
}
