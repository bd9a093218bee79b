import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { answerByRules, signRules, UnreadableText } from '../llm/rules.ts';
import type { Task } from '../llm/task.ts';
import { findCommunities } from './communities.ts';
import { changeSchema, gistTask, type Gist, type GistInput } from './long-term-memory.gist.prompt.ts';
import { insightTask, type Insight } from './long-term-memory.insight.prompt.ts';
import { statementsOf, type InsightInput } from './long-term-memory.insight.rules.ts';
import { readTexts } from './publish.ts';
import { MOST_TRIES, readAll, type Reading } from './reading.ts';
import { refoldHistory } from './refold.ts';
import { countChanged, readCounts, type Step, type StepContext } from './step.ts';

const linkRow = z.object({ a: z.string(), b: z.string(), w: z.number() });
const json = <T extends z.ZodType>(schema: T) => z.string().transform((text) => schema.parse(JSON.parse(text)));
const wordCounts = json(z.object({ total: z.number(), found: z.array(z.tuple([z.number(), z.number()])) }));
const gistRow = z.object({
  id: z.string(),
  community_id: z.string(),
  members: json(z.array(z.object({ content: z.string() }))),
  said: json(z.array(z.object({ content: z.string(), who: z.string(), at: z.string(), replaced: z.boolean() }))),
  changes: json(z.array(changeSchema)),
  alike: json(z.array(z.array(z.number()))).nullable(),
  words: wordCounts,
  phrases: json(z.array(z.string())),
  sentences: z.number(),
  least: z.number(),
});
const insightRow = z.object({
  id: z.string(),
  scope: z.string(),
  theme: z.string(),
  is_tag: z.boolean(),
  writers: json(z.array(z.string())),
  strength: z.number(),
  memories: json(z.array(z.object({ content: z.string(), kind: z.string(), createdAt: z.string() }))),
  alike: json(z.array(z.tuple([z.number(), z.number(), z.number()]))),
  changes: json(z.array(z.object({ newer: z.number(), older: z.number(), sentence: z.string() }))),
  words: wordCounts,
});
const draftRows = z.array(
  z.object({
    id: z.string(),
    scope: z.string(),
    theme: z.string(),
    strength: z.number(),
    content: z.string().nullable(),
  }),
);

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
  prepare: refoldHistory,
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
  const { run, reader } = context;
  // For how rare a word is, the new memories count as well.
  await readTexts(context);
  await run('long-term-memory.stage-standing');
  await run('long-term-memory.stage-gist');
  if (reader.asks) {
    const silent = (await answerAll(context, gistReading)).filter(({ content }) => content === '');
    await run('long-term-memory.drop-silent-gist', { ids: idsOf(silent) });
  }
  await readAll(context, gistReading);
  await run('long-term-memory.stage-insight');
  await run('long-term-memory.drop-silent-insight', { ids: idsOf(findSilent(await draftInsights(context))) });
  await readAll(context, insightReading);
}

const idsOf = (rows: readonly { id: string }[]) => JSON.stringify(rows.map(({ id }) => id));

/** What the rules say of each theme: what they said of it before, as long as it rests on the same. */
async function draftInsights(context: StepContext): Promise<z.infer<typeof draftRows>> {
  const { run, commit } = context;
  const answers = await answerAll(context, { ...insightReading, stage: 'long-term-memory.stage-undrafted-insight' });
  const rows = JSON.stringify(answers.map(({ id, content }) => ({ theme_id: id, content })));
  await commit(async () => {
    await run('long-term-memory.drop-old-insight-draft');
    await run('long-term-memory.write-insight-draft', { rows, rules: signRules(insightTask) });
  });
  return draftRows.parse(await run('long-term-memory.select-insight-draft'));
}

/** What the rules say of all that there is to read: of what they find nothing to say a model is not asked either. */
async function answerAll<In, Row extends In & { readonly id: string }, Out extends { content: string }, Asked>(
  { run, signal }: StepContext,
  { task, stage, select, row }: Pick<Reading<In, Row, Out, Asked>, 'task' | 'stage' | 'select' | 'row'>,
): Promise<{ id: string; content: string | null }[]> {
  const rows = z.array(z.intersection(row, z.object({ place: z.number() })));
  const answers: { id: string; content: string | null }[] = [];
  const total = countChanged(
    await run(stage, { task: task.name, rules: signRules(task), signature: null, most_tries: MOST_TRIES }),
  );
  for (let after = 0; after < total; after += WRITTEN_AT_ONCE) {
    for (const each of rows.parse(
      await run(select, { after, limit: WRITTEN_AT_ONCE, asks: false, read_characters: 0 }),
    )) {
      await setImmediate();
      signal.throwIfAborted();
      answers.push({ id: each.id, content: answerReadable(task, each) });
    }
  }
  return answers;
}

/** Null where it cannot be read: that is not silent, the reading tells of it. */
function answerReadable<In, Out extends { content: string }, Asked>(
  task: Task<In, Out, Asked>,
  input: In,
): string | null {
  try {
    return answerByRules(task, input).value.content;
  } catch (error) {
    if (error instanceof UnreadableText) return null;
    throw error;
  }
}

/** Themes that say nothing, or nothing but what another of the scope says that is named more often in it, or is stronger. */
function findSilent(drafts: z.infer<typeof draftRows>): z.infer<typeof draftRows> {
  const timesNamed = ({ theme, content }: (typeof drafts)[number]) =>
    (content ?? '').toLowerCase().split(theme.toLowerCase()).length;
  const told = new Set<string>();
  return [...drafts]
    .sort((a, b) => timesNamed(b) - timesNamed(a) || b.strength - a.strength)
    .filter(({ scope, content }) => {
      const statements = statementsOf(content ?? '').map((statement) => `${scope} ${statement}`);
      const fresh = statements.filter((statement) => !told.has(statement));
      for (const statement of statements) told.add(statement);
      return content === '' || (statements.length > 0 && fresh.length <= statements.length / 2);
    });
}

const gistReading = {
  task: gistTask,
  stage: 'long-term-memory.stage-unread-gist',
  select: 'long-term-memory.select-unread-gist',
  row: gistRow,
  ofRules: WRITTEN_AT_ONCE,
  write: async ({ run }, read) => {
    const telling = read.filter(([, { value }]) => value.content !== '');
    const rows = telling.map(([{ id, community_id }, { value, madeBy }]) => ({
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
