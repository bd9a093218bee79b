import { countChanged, readCounts, type Step } from './step.ts';

/** Scales all associations towards a target mean and prunes those that are weak and idle. */
export const scaleAssociations: Step = {
  name: 'scaleAssociations',
  finish: async ({ run }) => {
    const scaled = countChanged(await run('homeostasis.scale'));
    const pruned = countChanged(await run('homeostasis.prune'));
    return { scaled, pruned, ...readCounts(await run('homeostasis.count')) };
  },
};
