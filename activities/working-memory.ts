import { z } from 'zod';
import { featuresTask } from './working-memory.features.prompt.ts';
import { readCounts, zip, type Step, type StepContext } from './step.ts';

const unreadRow = z.object({
  memory_id: z.string(),
  agent: z.string(),
  content: z.string(),
  tags: z.array(z.string()),
  content_hash: z.string(),
  created_at: z.string(),
});

/** Reads the text of every memory that is new or reworded, in chunks that commit one by one. */
export const readFeatures: Step = {
  name: 'readFeatures',
  prepare: async (context) => {
    for (;;) {
      const unread = z.array(unreadRow).parse(await context.run('working-memory.select-unread'));
      if (unread.length === 0) return;
      const read = await readChunk(context, unread);
      await context.commit(() => writeChunk(context, read));
    }
  },
  settle: async ({ run }) => readCounts(await run('working-memory.count-read')),
};

/** Gives the slots of working memory, window by window of event time, and encodes what was seen. */
export const attendMemories: Step = {
  name: 'attendMemories',
  settle: async ({ run }) => {
    await run('working-memory.attend');
    await run('working-memory.encode');
    return readCounts(await run('working-memory.count'));
  },
};

type Read = Awaited<ReturnType<typeof readChunk>>;

async function readChunk({ llm, profile, signal }: StepContext, unread: z.infer<typeof unreadRow>[]) {
  const timezone = profile.pipeline.timezone;
  const inputs = unread.map(({ content, created_at, tags }) => ({ content, createdAt: created_at, timezone, tags }));
  const answers = await llm.answerMany(featuresTask, inputs, signal);
  return zip(unread, answers).map(([{ memory_id, content_hash }, { value, madeBy }]) => ({
    ...value,
    ...{ memory_id, content_hash, made_by: madeBy },
  }));
}

async function writeChunk({ run }: StepContext, read: Read): Promise<void> {
  const rows = JSON.stringify(read.map(({ entities: _, ...row }) => row));
  const mentions = read.flatMap(({ memory_id, entities }) =>
    entities.map(({ name, label, type }) => ({ memory_id, entity: name, label, type })),
  );
  await run('working-memory.write-feature', { rows });
  await run('working-memory.forget-mention', { rows });
  await run('working-memory.write-mention', { mentions: JSON.stringify(mentions) });
}
