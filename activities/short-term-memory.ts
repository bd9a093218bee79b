import { z } from 'zod';
import { episodeTask } from './short-term-memory.episode.prompt.ts';
import { readCounts, zip, type Step } from './step.ts';

const undescribedRow = z.object({
  episode_id: z.string(),
  members: z
    .string()
    .transform((text) =>
      z
        .array(z.object({ content: z.string(), kind: z.enum(['goal', 'task', 'action', 'note']) }))
        .parse(JSON.parse(text)),
    ),
});

/** Binds memories into episodes, tags what lies near something strong, and associates what belongs together. */
export const bindEpisodes: Step = {
  name: 'bindEpisodes',
  settle: async ({ run }) => {
    await run('short-term-memory.unbind-changed');
    await run('short-term-memory.stage-fresh');
    await run('short-term-memory.segment');
    await run('short-term-memory.write-member');
    await run('short-term-memory.write-episode');
    await run('short-term-memory.drop-empty-episode');
    await run('short-term-memory.tag');
    await run('short-term-memory.associate');
    await run('short-term-memory.prune-association');
    return readCounts(await run('short-term-memory.count'));
  },
};

/** Says of every new or changed episode what it was about: goal, tasks, actions, outcome. */
export const describeEpisodes: Step = {
  name: 'describeEpisodes',
  prepare: async (context) => {
    for (;;) {
      const undescribed = z.array(undescribedRow).parse(await context.run('short-term-memory.select-undescribed'));
      if (undescribed.length === 0) return;
      const answers = await context.llm.answerMany(episodeTask, undescribed, context.signal);
      const rows = zip(undescribed, answers).map(([{ episode_id }, { value, madeBy }]) => ({
        ...value,
        ...{ episode_id, made_by: madeBy },
      }));
      await context.commit(() => context.run('short-term-memory.describe-episode', { rows: JSON.stringify(rows) }));
    }
  },
  settle: async ({ run }) => readCounts(await run('short-term-memory.count-described')),
};
