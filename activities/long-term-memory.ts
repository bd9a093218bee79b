import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { answerByRules, signRules, UnreadableText } from '../llm/rules.ts';
import type { Task } from '../llm/task.ts';
import { findCommunities } from './communities.ts';
import { gistTask, type Gist, type GistInput } from './long-term-memory.gist.prompt.ts';
import { insightTask, type Insight, type InsightInput } from './long-term-memory.insight.prompt.ts';
import { readTexts } from './publish.ts';
import { MOST_TRIES, readAll, type Reading } from './reading.ts';
import { readCounts, type Step, type StepContext } from './step.ts';

const linkRow = z.object({ a: z.string(), b: z.string(), w: z.number() });
const json = <T extends z.ZodType>(schema: T) => z.string().transform((text) => schema.parse(JSON.parse(text)));
const gistRow = z.object({
  id: z.string(),
  community_id: z.string(),
  members: json(z.array(z.object({ content: z.string() }))),
  said: json(z.array(z.object({ content: z.string(), who: z.string(), at: z.string() }))),
  alike: json(z.array(z.array(z.number()))).nullable(),
  words: json(z.object({ total: z.number(), found: z.array(z.tuple([z.number(), z.number()])) })),
  phrases: json(z.array(z.string())),
  sentences: z.number(),
  least: z.number(),
});
const insightRow = z.object({
  id: z.string(),
  theme: z.string(),
  writers: json(z.array(z.string())),
  strength: z.number(),
  memories: json(z.array(z.object({ content: z.string(), kind: z.string(), createdAt: z.string() }))),
});

/** Links up to which communities are found by Louvain: half a million took 1 to 5 s, by what they form. */
const LOUVAIN_LINKS = 500_000;
/** Gists, and insights, written at a time. */
const WRITTEN_AT_ONCE = 100;
/** Rounds in which labels spread: on planted partitions they converge in about so many, and more would cost time alone. */
const PROPAGATION_ROUNDS = 16;
/** Rounds in which every memory takes part, before half of them pause in each. A design choice. */
const WHOLE_ROUNDS = 3;

/** Ranks the network of memories, finds its communities, and decides which gists and insights there are to be. */
export const integrateNetwork: Step = {
  name: 'integrateNetwork',
  finish: async (context) => {
    const { run, connection } = context;
    await run('long-term-memory.stage-link');
    await run('long-term-memory.rank-node');
    await labelCommunities(context);
    await run('long-term-memory.keep-network');
    await connection.run('delete from network');
    await run('long-term-memory.write-network');
    return readCounts(await run('long-term-memory.count-network'));
  },
};

/**
 * Writes the gist of every community that has one, and the insights across episodes; drops those that no longer hold. A
 * model's answers are committed as they come, since they are paid for; rules answer within the step's one transaction.
 */
export const learnGists: Step = {
  name: 'learnGists',
  prepare: async (context) => {
    if (context.reader.asks) await learn(context);
  },
  finish: async (context) => {
    const { run, reader } = context;
    if (!reader.asks) await learn({ ...context, commit: (body) => body() });
    await run('long-term-memory.drop-old-gist');
    await run('long-term-memory.drop-old-gist-member');
    await run('long-term-memory.drop-old-insight');
    await run('long-term-memory.drop-old-insight-member');
    return readCounts(await run('long-term-memory.count'));
  },
};

/** Louvain finds the better communities and needs all links in this process; above its limit the labels spread in SQL. */
async function labelCommunities({ run, signal }: StepContext): Promise<void> {
  const { links: total = 0, most = 0 } = readCounts(await run('long-term-memory.count-link'));
  if (total <= LOUVAIN_LINKS) {
    const links = z.array(linkRow).parse(await run('long-term-memory.select-link'));
    const labels = await findCommunities(links, most, signal);
    await run('long-term-memory.stage-label', { labels: JSON.stringify(labels) });
    return;
  }
  await run('long-term-memory.first-label');
  for (let round = 1; round <= PROPAGATION_ROUNDS; round += 1) {
    await run('long-term-memory.propagate-label', { round, halved: round > WHOLE_ROUNDS });
    await run('long-term-memory.adopt-label');
  }
}

async function learn(context: StepContext): Promise<void> {
  // For how rare a word is, the new memories count as well.
  await readTexts(context);
  await context.run('long-term-memory.stage-gist');
  await dropSilent(context, gistReading, 'long-term-memory.drop-silent-gist');
  await readAll(context, gistReading);
  await context.run('long-term-memory.stage-insight');
  await dropSilent(context, insightReading, 'long-term-memory.drop-silent-insight');
  await readAll(context, insightReading);
}

/** Of what is to be written, drops that of which the rules find nothing to say: a model is not asked about it either. */
async function dropSilent<In, Row extends In & { readonly id: string }, Out extends { content: string }, Asked>(
  { run, signal }: StepContext,
  { task, stage, select, row }: Pick<Reading<In, Row, Out, Asked>, 'task' | 'stage' | 'select' | 'row'>,
  drop: string,
): Promise<void> {
  await run(stage, { task: task.name, rules: signRules(task), signature: null, most_tries: MOST_TRIES });
  const rows = z.array(z.intersection(row, z.object({ place: z.number() })));
  const silent: string[] = [];
  for (let after: number | undefined = 0; after !== undefined;) {
    const chunk = rows.parse(await run(select, { after, limit: WRITTEN_AT_ONCE, asks: false, read_characters: 0 }));
    for (const each of chunk) {
      await setImmediate();
      signal.throwIfAborted();
      if (isSilent(task, each)) silent.push(each.id);
    }
    after = chunk.at(-1)?.place;
  }
  await run(drop, { ids: JSON.stringify(silent) });
}

/** What cannot be read is not silent: the reading tells of it. */
function isSilent<In, Out extends { content: string }, Asked>(task: Task<In, Out, Asked>, input: In): boolean {
  try {
    return answerByRules(task, input).value.content === '';
  } catch (error) {
    if (error instanceof UnreadableText) return false;
    throw error;
  }
}

const gistReading = {
  task: gistTask,
  stage: 'long-term-memory.stage-unread-gist',
  select: 'long-term-memory.select-unread-gist',
  row: gistRow,
  ofRules: WRITTEN_AT_ONCE,
  write: async ({ run }, read) => {
    const rows = read.map(([{ id, community_id }, { value, madeBy }]) => ({
      ...{ gist_id: id, community_id, made_by: madeBy },
      ...{ semantic_gist: value.content, semantic_category: value.category },
    }));
    await run('long-term-memory.write-gist', { rows: JSON.stringify(rows) });
    await run('long-term-memory.write-gist-member');
  },
} satisfies Reading<GistInput, z.infer<typeof gistRow>, Gist, Gist>;

const insightReading = {
  task: insightTask,
  stage: 'long-term-memory.stage-unread-insight',
  select: 'long-term-memory.select-unread-insight',
  row: insightRow,
  ofRules: WRITTEN_AT_ONCE,
  write: async ({ run }, read) => {
    const rows = read.map(([{ id, theme, strength }, { value, madeBy }]) => ({
      ...{ insight_id: id, theme, strength },
      ...{ content: value.content, made_by: madeBy },
    }));
    await run('long-term-memory.write-insight', { rows: JSON.stringify(rows) });
    await run('long-term-memory.write-insight-member');
  },
} satisfies Reading<InsightInput, z.infer<typeof insightRow>, Insight, Insight>;
