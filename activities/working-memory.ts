import { z } from 'zod';
import { featuresTask, type Features } from './working-memory.features.prompt.ts';
import { READ_CHARACTERS } from '../text/sentences.ts';
import { readAll, type Read } from './reading.ts';
import { readCounts, type Step, type StepContext } from './step.ts';

const unreadRow = z.object({
  id: z.string(),
  content: z.string(),
  tags: z.array(z.string()),
  content_hash: z.string(),
  createdAt: z.string(),
});

/** Memories read between two commits: a killed worker loses at most these, some two seconds of the rules' work. */
const READ_AT_ONCE = 500;

/** Reads the text of every memory that is new or reworded, then what a model may read better than was done before. */
export const readFeatures: Step = {
  name: 'readFeatures',
  prepare: async (context) => {
    const { timezone } = context.profile.pipeline;
    await readAll(context, {
      task: featuresTask,
      stage: 'working-memory.stage-unread',
      select: 'working-memory.select-unread',
      row: unreadRow.transform((row) => ({ ...row, timezone })),
      ofRules: READ_AT_ONCE,
      write: writeFeatures,
    });
  },
  finish: async ({ run }) => {
    const { cut = 0, ...counts } = readCounts(
      await run('working-memory.count-read', { read_characters: READ_CHARACTERS }),
    );
    return { ...counts, ...(cut > 0 && { read_in_part: cut }) };
  },
};

/** Gives the slots of working memory, window by window of event time, and encodes what was seen. */
export const attendMemories: Step = {
  name: 'attendMemories',
  finish: async ({ run }) => {
    await run('working-memory.attend');
    await run('working-memory.encode');
    return readCounts(await run('working-memory.count'));
  },
};

async function writeFeatures(
  { run }: StepContext,
  read: readonly Read<z.infer<typeof unreadRow>, Features>[],
): Promise<void> {
  const features = read.map(([{ id, content_hash }, { value, madeBy }]) => {
    return { ...value, memory_id: id, content_hash, made_by: madeBy };
  });
  const rows = JSON.stringify(features.map(({ entities: _, ...row }) => row));
  const mentions = features.flatMap(({ memory_id, entities }) =>
    entities.map(({ name, label, type }) => ({ memory_id, entity: name, label, type })),
  );
  await run('working-memory.write-feature', { rows });
  await run('working-memory.forget-mention', { rows });
  await run('working-memory.write-mention', { mentions: JSON.stringify(mentions) });
}
