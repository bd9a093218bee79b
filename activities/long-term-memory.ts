import { z } from 'zod';
import { findCommunities } from './communities.ts';
import { gistTask } from './long-term-memory.gist.prompt.ts';
import { insightTask } from './long-term-memory.insight.prompt.ts';
import { readAll } from './reading.ts';
import { readCounts, type Step, type StepContext } from './step.ts';

const linkRow = z.object({ a: z.string(), b: z.string(), w: z.number() });
const json = <T extends z.ZodType>(schema: T) => z.string().transform((text) => schema.parse(JSON.parse(text)));
const gistRow = z.object({
  id: z.string(),
  community_id: z.string(),
  members: json(z.array(z.object({ content: z.string() }))),
  phrases: json(z.array(z.string())),
});
const insightRow = z.object({
  id: z.string(),
  theme: z.string(),
  strength: z.number(),
  memories: json(z.array(z.object({ content: z.string(), createdAt: z.string() }))),
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
  const { links: total = 0 } = readCounts(await run('long-term-memory.count-link'));
  if (total <= LOUVAIN_LINKS) {
    const links = z.array(linkRow).parse(await run('long-term-memory.select-link'));
    const labels = await findCommunities(links, signal);
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
  await context.run('long-term-memory.stage-gist');
  await writeGists(context);
  await context.run('long-term-memory.stage-insight');
  await writeInsights(context);
}

function writeGists(context: StepContext): Promise<void> {
  return readAll(context, {
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
  });
}

function writeInsights(context: StepContext): Promise<void> {
  return readAll(context, {
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
  });
}
