import { readCounts, type Step } from './step.ts';

/** Replays what promises most, strengthens what is replayed together, and decides every memory's fate. */
export const consolidateTraces: Step = {
  name: 'consolidateTraces',
  finish: async ({ run, input, profile }) => {
    const replays = input.limits.replays ?? profile.pipeline.parameters.replay_budget;
    await run('consolidation.fold-event');
    await run('consolidation.select-replay', { replays });
    await run('consolidation.log-coactivation');
    await run('consolidation.log-replay');
    await run('consolidation.strengthen');
    await run('consolidation.fold-event');
    await run('consolidation.decide-fate', { only: null });
    return readCounts(await run('consolidation.count'));
  },
};
