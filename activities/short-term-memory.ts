import { z } from 'zod';
import { episodeTask } from './short-term-memory.episode.prompt.ts';
import { readAll } from './reading.ts';
import { refoldHistory } from './refold.ts';
import { countChanged, readCounts, type Step } from './step.ts';

const undescribedRow = z.object({
  id: z.string(),
  members: z
    .string()
    .transform((text) =>
      z
        .array(z.object({ content: z.string(), kind: z.enum(['goal', 'task', 'action', 'note']) }))
        .parse(JSON.parse(text)),
    ),
});

/** Pairs of vectors compared in a cycle at most, which bounds what a cycle takes; the others wait for the next, counted. */
const COMPARED_PAIRS = 5e7;
/** Episodes described between two commits. */
const DESCRIBED_AT_ONCE = 100;

/** Binds memories into episodes, tags what lies near something strong, and associates what belongs together. */
export const bindEpisodes: Step = {
  name: 'bindEpisodes',
  prepare: refoldHistory,
  finish: async ({ run, profile }) => {
    const { scope } = profile.pipeline;
    await run('short-term-memory.drop-foreign', { scope });
    await run('setting.note', { name: 'scope', value: scope });
    await run('short-term-memory.unbind-changed');
    await run('short-term-memory.stage-fresh');
    await run('short-term-memory.segment');
    await run('short-term-memory.write-member');
    await run('short-term-memory.write-episode');
    await run('short-term-memory.move-episode');
    await run('short-term-memory.drop-empty-episode');
    await run('short-term-memory.tag');
    const compares = countChanged(await run('short-term-memory.stage-comparable', { most_pairs: COMPARED_PAIRS })) > 0;
    await run('short-term-memory.stage-neighbour');
    await run('short-term-memory.associate');
    if (compares) await run('short-term-memory.mark-compared');
    await run('short-term-memory.prune-association');
    const counts = readCounts(await run('short-term-memory.count'));
    return compares ? { ...counts, ...readCounts(await run('short-term-memory.count-compared')) } : counts;
  },
};

/** Says of every new or changed episode what it was about; then what a model may say better than was said before. */
export const describeEpisodes: Step = {
  name: 'describeEpisodes',
  prepare: (context) =>
    readAll(context, {
      task: episodeTask,
      stage: 'short-term-memory.stage-unread',
      select: 'short-term-memory.select-unread',
      row: undescribedRow,
      ofRules: DESCRIBED_AT_ONCE,
      write: ({ run }, read) => {
        const rows = read.map(([{ id }, { value, madeBy }]) => ({ ...value, episode_id: id, made_by: madeBy }));
        return run('short-term-memory.describe-episode', { rows: JSON.stringify(rows) });
      },
    }),
  finish: async ({ run }) => readCounts(await run('short-term-memory.count-described')),
};
