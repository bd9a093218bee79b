import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Database } from '../duckdb/database.ts';
import { ConfigurationError } from '../memory/errors.ts';
import { spreadNights } from '../source/tour.ts';
import { cutSentences } from '../text/sentences.ts';
import { termsOf, wordsOf } from '../text/terms.ts';
import { withFolder } from './biomem.ts';
import { printJudgement } from './judgement.table.ts';
import { aucOf, chanceOf, groupBy, lostAmongLowest, shareOf, type Judged } from './judgement.worth.ts';
import { nightAfter, readVersions, withLab } from './lab.ts';
import { openModel, readQuestions } from './recall.ts';
import type { QuestionRow } from './recall.worth.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NIGHT = [
  ...(['ingestMemories', 'readFeatures', 'attendMemories', 'embedMemories', 'bindEpisodes'] as const),
  ...(['describeEpisodes', 'consolidateTraces', 'integrateNetwork', 'linkChanges', 'learnGists'] as const),
  ...(['scaleAssociations', 'associateDistantly'] as const),
];
const FATES = ['rapid_forgetting', 'gradual_forgetting', 'hippocampal_retention', 'cortical_transfer'] as const;

const MEMORIES = `select m.memory_id as id, m.agent, m.content, m.importance, m.arousal, w.novelty, w.attention_priority as priority,
    w.wm_slot is not null as slot, t.retrievability, t.stability, t.s_c as cortical, f.fate, f.why, r.tag >= tag_threshold() as tagged,
    (select count(*) from event e where e.memory_id = m.memory_id and e.kind = 'replay')::integer as replays
  from memory m join working_memory w using (memory_id) join trace_at($1) t using (memory_id)
    join fate f using (memory_id) join readiness r using (memory_id)`;
const LEARNED = `select 'gist' as what, semantic_gist as content, list(memory_id) as members from gist join gist_member using (gist_id)
    group by all
  union all select 'insight', content, list(memory_id) from insight join insight_member using (insight_id) group by all`;

const memoryRow = z.object({
  ...{ id: z.string(), agent: z.string(), content: z.string(), importance: z.number(), arousal: z.number() },
  ...{
    novelty: z.number(),
    priority: z.number(),
    slot: z.boolean(),
    retrievability: z.number(),
    stability: z.number(),
  },
  ...{ cortical: z.number(), fate: z.enum(FATES), why: z.string(), tagged: z.boolean(), replays: z.number() },
});
type MemoryRow = z.infer<typeof memoryRow>;
const linkRow = z.object({ src: z.string(), dst: z.string() });
const learnedRow = z.object({ what: z.string(), content: z.string(), members: z.array(z.string()) });

/** What was left of a journal after its nights. */
interface Lived {
  readonly memories: readonly MemoryRow[];
  readonly links: readonly z.infer<typeof linkRow>[];
  readonly learned: readonly z.infer<typeof learnedRow>[];
}

/**
 * Whether what the memory keeps is what questions will need: the sample, or `--journal` with `--questions`, lived in thirty nights
 * (`--nights N`) by the worker's own steps. Beside each signal stand the number of words and chance.
 */
export async function run(): Promise<unknown> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { journal: { type: 'string' }, questions: { type: 'string' }, nights: { type: 'string', default: '30' } },
  });
  const nights = Number(values.nights);
  if (!Number.isInteger(nights) || nights < 1)
    throw new ConfigurationError(`--nights: expected a whole number from 1, got ${values.nights}`);
  if ((values.journal === undefined) !== (values.questions === undefined))
    throw new ConfigurationError(
      '--journal and --questions go together: questions are judged by the memories that answer them',
    );
  const { journal = join(ROOT, 'sample/journal.jsonl'), questions = join(ROOT, 'sample/questions.jsonl') } = values;
  const rows = await readQuestions(questions);
  const lived = await withFolder((folder) => live(folder, journal, nights));
  const judgement = { nights, questions: rows.length, ...judge(lived, rows) };
  process.stderr.write(`\n${printJudgement(judgement)}\n`);
  return judgement;
}

async function live(folder: string, journal: string, count: number): Promise<Lived> {
  const entries = await readVersions(journal);
  if (entries.length === 0)
    throw new ConfigurationError(`${journal}: expected a journal of memories, one in a line, got none`);
  const last = Date.parse(entries.at(-1)?.updated_at ?? '');
  const nights = spreadNights([nightAfter(Date.parse(entries[0]?.updated_at ?? '')), nightAfter(last)], count);
  return withLab({ folder, model: openModel() }, async (lab) => {
    let since = Number.NEGATIVE_INFINITY;
    for (const night of nights) {
      const until = Date.parse(night);
      const isNew = ({ updated_at }: { updated_at: string }) =>
        Date.parse(updated_at) > since && Date.parse(updated_at) <= until;
      await lab.write(entries.filter(isNew));
      await lab.live(NIGHT, night);
      since = until;
    }
    return read(lab.database, nights.at(-1) ?? '');
  });
}

function read(database: Database, asOf: string): Promise<Lived> {
  return database.use(async (connection) => {
    const rows = async (sql: string, ...values: string[]) =>
      (await connection.runAndReadAll(sql, values)).getRowObjectsJson();
    return {
      memories: z.array(memoryRow).parse(await rows(MEMORIES, asOf.replace('Z', ''))),
      links: z.array(linkRow).parse(await rows('select src, dst from association where src < dst')),
      learned: z.array(learnedRow).parse(await rows(LEARNED)),
    };
  });
}

/** Every number of the table. */
export function judge({ memories, links, learned }: Lived, rows: readonly QuestionRow[]) {
  const answers = new Set(rows.flatMap((row) => row.answers));
  const judged = memories.map((memory) => weigh(memory, answers.has(memory.id)));
  const signals = Object.keys(judged[0]?.signals ?? {});
  const ofKind = (kind: string) => learned.filter(({ what }) => what === kind);
  return {
    memories: memories.length,
    needed: judged.filter(({ needed }) => needed).length,
    auc: Object.fromEntries(signals.map((signal) => [signal, aucOf(judged, signal)])),
    lost: loseAll(memories, judged),
    rates: rateAll(memories, answers),
    links: countJoined(memories, links, rows),
    learned: {
      gist: rateFirst(memories, ofKind('gist'), answers),
      insight: rateFirst(memories, ofKind('insight'), answers),
    },
  };
}

/** What is lost with the memories that went, and with as many by other orders. */
function loseAll(memories: readonly MemoryRow[], judged: readonly Judged[]) {
  const countOf = (...fates: MemoryRow['fate'][]) => memories.filter(({ fate }) => fates.includes(fate)).length;
  const tenth = Math.round(memories.length / 10);
  const lose = (count: number, signal: string) => ({
    ...{ memories: count, lost: lostAmongLowest(judged, signal, count) },
    ...{ 'fewest words': lostAmongLowest(judged, 'words', count), random: lostAmongLowest(judged, 'random', count) },
  });
  return {
    archived: lose(countOf('rapid_forgetting'), 'fate'),
    'archived or fading': lose(countOf('rapid_forgetting', 'gradual_forgetting'), 'fate'),
    'a tenth, by fate and retrievability': lose(tenth, 'fate, then retrievability'),
    'a tenth, by importance': lose(tenth, 'importance'),
  };
}

function rateAll(memories: readonly MemoryRow[], answers: ReadonlySet<string>) {
  // By the rule, without the numbers that decided.
  const byFate = groupBy(memories, ({ fate, why }) => `${fate}: ${why.replace(/, limit .*$/, '')}`);
  return {
    average: rateOf(memories, answers),
    ...Object.fromEntries([...byFate].map(([name, group]) => [name, rateOf(group, answers)])),
    tagged: rateOf(
      memories.filter(({ tagged }) => tagged),
      answers,
    ),
  };
}

function weigh(memory: MemoryRow, needed: boolean): Judged {
  const { id, content, fate, slot, retrievability, replays, novelty, priority, importance } = memory;
  const order = FATES.indexOf(fate);
  const { arousal, stability, cortical } = memory;
  return {
    ...{ id, needed },
    signals: {
      ...{ importance, fate: order, 'fate, then retrievability': order + retrievability, replays, retrievability },
      ...{ stability, 'cortical trace': cortical, novelty, arousal, 'attention priority': priority },
      'attention slot': Number(slot),
      words: wordsOf(content).length,
      'content words': termsOf(content).length,
      random: chanceOf(id),
    },
  };
}

const rateOf = (group: readonly MemoryRow[], answers: ReadonlySet<string>) => ({
  memories: group.length,
  needed: shareOf(group.filter(({ id }) => answers.has(id)).length, group.length),
});

/** Links that join two memories which answer one question, and how many of any two of one agent would. */
function countJoined(memories: readonly MemoryRow[], links: Lived['links'], rows: readonly QuestionRow[]) {
  const agents = new Map(memories.map(({ id, agent }) => [id, agent]));
  const pairs = new Set(
    rows.flatMap(({ answers }) => answers.flatMap((a) => answers.filter((b) => a < b).map((b) => `${a} ${b}`))),
  );
  const joined = links.filter(({ src, dst }) => pairs.has(`${src} ${dst}`)).length;
  const sizes = [...groupBy(memories, ({ agent }) => agent).values()].map((group) => group.length);
  const all = sizes.reduce((sum, size) => sum + (size * (size - 1)) / 2, 0);
  const across = links.filter(({ src, dst }) => agents.get(src) !== agents.get(dst)).length;
  return {
    ...{
      links: links.length,
      'pairs of one answer': pairs.size,
      joined,
      'across agents': shareOf(across, links.length),
    },
    ...{ 'per 1,000': shareOf(1_000 * joined, links.length), 'per 1,000 by chance': shareOf(1_000 * pairs.size, all) },
  };
}

/** Of how many texts the first sentence is of a member that a question needs; beside it, of the members at large. */
function rateFirst(memories: readonly MemoryRow[], learned: Lived['learned'], answers: ReadonlySet<string>) {
  const contents = new Map(memories.map(({ id, content }) => [id, content]));
  const firsts = learned.flatMap(({ content, members }) => {
    const told = members.map((id) => ({ id, at: findSentence(content, contents.get(id) ?? '') }));
    const first = told.filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at)[0];
    return first === undefined ? [] : [first.id];
  });
  const members = learned.flatMap((each) => each.members);
  const among = (ids: readonly string[]) => shareOf(ids.filter((id) => answers.has(id)).length, ids.length);
  return { texts: learned.length, told: firsts.length, needed: among(firsts), members: among(members) };
}

/** Where the first of a member's sentences stands in a text; a summary may cut it short. */
function findSentence(text: string, member: string): number {
  const places = cutSentences(member).map((sentence) => text.indexOf(sentence.slice(0, 30)));
  return places.filter((place) => place >= 0).sort((a, b) => a - b)[0] ?? -1;
}
