import { readCounts, type Step, type StepContext } from './step.ts';
import type { Counts } from '../memory/types.ts';

/** Folds what recalls were told, replays what promises most, strengthens what was active together, and decides every memory's fate. */
export const consolidateTraces: Step = {
  name: 'consolidateTraces',
  finish: async (context) => {
    const { run, input, profile } = context;
    const replays = input.limits.replays ?? profile.pipeline.parameters.replay_budget;
    const recalls = await foldFeedback(context);
    await run('consolidation.fold-event');
    await run('consolidation.select-replay', { replays });
    await run('consolidation.log-coactivation');
    await run('consolidation.log-replay');
    await run('consolidation.strengthen');
    if ('recalls_used' in recalls) await run('short-term-memory.prune-association');
    await run('consolidation.fold-event');
    await run('consolidation.decide-fate', { only: null });
    return { ...readCounts(await run('consolidation.count')), ...recalls };
  },
};

/** Adds to the log what recalls were told. Where they were told nothing, no count speaks of it. */
async function foldFeedback({ run }: StepContext): Promise<Counts> {
  await run('consolidation.stage-feedback');
  await run('consolidation.log-use');
  await run('consolidation.stage-co-use');
  await run('consolidation.log-co-use');
  await run('consolidation.associate-co-use');
  await run('consolidation.ready-used');
  await run('consolidation.mark-feedback');
  const counts = Object.entries(readCounts(await run('consolidation.count-feedback')));
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}
