import { existsSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { additionsOf, stampOf } from '../recall/paths.ts';
import { readForRecall, READING_VERSION } from '../recall/reading.ts';
import { isNameFree, publishAdditions, publishBase, VERSION, type Publishing } from './publish.file.ts';
import { readCounts, runner, type Step, type StepContext } from './step.ts';

const unreadRows = z.array(z.object({ memory_id: z.string(), content_hash: z.string(), content: z.string() }));
const newsRow = z.object({ news: z.number(), model: z.string().nullable(), memories: z.number() });
const fileRows = z.array(
  z.object({
    part: z.enum(['base', 'day']),
    base_id: z.string(),
    version: z.string(),
    model: z.string().nullable(),
    stamp: z.string(),
  }),
);
const publishedRow = z.array(z.object({ cycle_id: z.string(), as_of: z.string() }));

/** Texts read for recall in one chunk; a chunk commits by itself. */
const CHUNK = 5_000;

/** Memories up to which all are published each time. Of the sample's 419 that takes 155 ms of CPU, its additions take 110. */
const FEW = 1_000;

/**
 * Rows up to which the additions are written again at each publishing; a new memory has three. Over 100,000 memories they take 0.1 ms
 * of CPU a row beside a fixed 0.2 s, a base takes 10 s. With n new memories a cycle, and a base at each k-th row, a new one costs
 * least where k grows as the root of the memories.
 */
const mostAdditions = (memories: number) => Math.sqrt(250 * memories);

/**
 * Publishes what readers need: a base with all memories, and beside it additions with what has changed since; a cycle without news
 * leaves both as they are. Each takes the place of the one before by a rename, and who has that one open keeps it. Both are made of
 * the state, so a second attempt gives the same.
 */
export const publishRecall: Step = {
  name: 'publishRecall',
  prepare: async (context) => {
    const { commits, recallFile } = context;
    if (commits && recallFile !== null && (await isNameFree(context))) await publish(context, recallFile);
    else await readTexts(context);
  },
  finish: async ({ run }) => readCounts(await run('publish.count')),
};

async function publish(context: StepContext, file: string): Promise<void> {
  const { run } = context;
  const { news, model, memories } = await readNews(context);
  const files = fileRows.parse(await run('publish.read-files'));
  const [base, day] = (['base', 'day'] as const).map((part) => files.find((each) => each.part === part));
  // Anything else in its place, or one that another version has made, is not what the additions could go on from.
  const stands = base !== undefined && base.stamp === stampOf(file) && base.version === VERSION && base.model === model;
  await readTexts(context, !stands);
  if (!stands) return publishBase(context, file, model);
  if (news === 0 && (day?.stamp ?? null) === stampOf(additionsOf(file))) {
    await run('publish.forget-cycle', { whole: false });
    return;
  }
  if (memories < FEW) return publishBase(context, file, model);
  await run('publish.stage-row', { whole: false });
  const { rows = 0 } = readCounts(await run('publish.count-row'));
  if (rows > mostAdditions(memories)) return publishBase(context, file, model);
  await publishAdditions(context, file, { baseId: base.base_id, model });
}

/**
 * Publishes at once all that is there now, in place of what the last cycle published; where that cannot be, what it published goes.
 * Gives whether there is a recall file.
 */
export async function publishAgain(work: Pick<StepContext, 'connection' | 'recallFile' | 'report'>): Promise<boolean> {
  const { connection, recallFile: file } = work;
  if (file === null || !existsSync(file)) return false;
  const [last] = publishedRow.parse(await runner(connection, {})('publish.select-last'));
  const isPossible = last !== undefined && (await isNameFree(work));
  if (isPossible) {
    const publishing = { connection, run: runner(connection, last) };
    await publishBase(publishing, file, (await readNews(publishing)).model);
  } else withdraw(file);
  return isPossible;
}

/** Takes away what is published: the next cycle publishes again. */
export function withdraw(file: string): void {
  for (const path of [file, additionsOf(file)]) rmSync(path, { force: true });
}

async function readNews({ run }: Pick<Publishing, 'run'>): Promise<z.infer<typeof newsRow>> {
  return newsRow.parse((await run('publish.count-news'))[0]);
}

/** Reads the texts that have not been read for recall yet: of those that were changed since the base was made, or of all (`whole`). */
export async function readTexts({ run, commit, signal }: StepContext, whole = true): Promise<void> {
  await commit(() => run('publish.forget-text'));
  for (let more = true; more;) {
    signal.throwIfAborted();
    const bound = { whole, version: READING_VERSION, limit: CHUNK };
    const rows = unreadRows.parse(await run('publish.select-unread', bound));
    const texts = rows.map(({ memory_id, content_hash, content }) => {
      const { terms, speaker, asks, tellsTime, tellsNumber, wording } = readForRecall(content);
      const tells = { tells_time: tellsTime, tells_number: tellsNumber };
      return { memory_id, content_hash, version: READING_VERSION, terms, speaker, asks, ...tells, wording };
    });
    if (texts.length > 0) await commit(() => run('publish.write-text', { texts: JSON.stringify(texts) }));
    more = texts.length === CHUNK;
  }
}
