import { followChanges, type Follower } from './changes.ts';
import { countDuplicates, takeDistinct } from './duplicates.ts';
import { bestOf, rank, WEIGHTS, type Part, type Ranking } from './ranking.ts';
import { readQuestion, type Question } from './question.ts';
import type { EmbedQuestion } from './meaning.ts';
import type { Details, Memories } from './memories.ts';
import type { Scope } from './scope.ts';

/** What is asked. */
export interface RecallRequest {
  readonly question: string;
  /** Whose memories; all agents' when absent. */
  readonly agent?: string | undefined;
  /** When it is asked, ISO 8601; "last week" counts from there. */
  readonly asOf: string;
  /** Only memories written from `since` on, and before `until`, ISO 8601. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /** Only memories with one of these tags; all when absent. */
  readonly tags?: readonly string[] | undefined;
  /** Memories at most. */
  readonly limit: number;
}

/** A memory that answers, and why it stands where it does. */
export interface Recalled {
  readonly id: string;
  readonly content: string;
  readonly agent: string;
  readonly createdAt: string;
  readonly score: number;
  /** The probability of recalling it then, by its trace; null before the first night. Shown, not used. */
  readonly retrievability: number | null;
  readonly fate: string | null;
  /** What each part added to the score; parts that added nothing are left out. */
  readonly reasons: Reasons;
  /** The newer memory that tells the same in a new way, where the question asks for now; this one is outdated. */
  readonly supersededBy?: { readonly id: string; readonly createdAt: string; readonly sentence: string };
  /** How many other memories say the same in the same words; left out where none does. */
  readonly duplicates?: number;
}

/** What each part added to the score, and `newer`: how near it is to the older memory below it, above which it stands for being newer. */
export type Reasons = Partial<Record<Part | 'newer', number>>;

export interface RecallAnswer {
  readonly question: string;
  readonly asOf: string;
  readonly results: readonly Recalled[];
}

/** Memories beyond those asked for among which newer statements are looked for. */
const MARGIN = 20;
/** Below this share of the best score a memory is no answer; a choice, which cuts off those that nothing but their length speaks for. */
const LEAST_SHARE = 0.05;

/** So many of the best memories are looked up where some of an answer is no more, and ten times as many each time that more of it is. */
const LOOKED_UP = 1_000;

/** Answers a question. An agent without memories, or a question without a word, gets an empty list. */
export async function recall(memories: Memories, embed: EmbedQuestion, request: RecallRequest): Promise<RecallAnswer> {
  const { question: text, agent = null, asOf } = request;
  const [scope, vector] = await Promise.all([memories.scope(agent), embed(text)]);
  const question = readQuestion(text, scope, { asOf: Date.parse(asOf), vector });
  const isKnown = [...question.terms.keys()].some((term) => scope.frequencyOf(term) > 0);
  if (!isKnown && vector === null && question.range === null) return { question: text, asOf, results: [] };
  const ranking = rank(scope, question);
  const isChosen = chooseWanted(scope, request);
  const gone = new Set<number>();
  const isWanted = (index: number) => isChosen(index) && !gone.has(index);
  for (let looked = LOOKED_UP; ; looked *= 10) {
    const { kept, missing, ...shown } = await select(memories, { scope, question, ranking, isWanted }, request);
    if (missing.length === 0)
      return {
        ...{ question: text, asOf },
        results: kept.flatMap((index) => show({ scope, ranking, isWanted }, shown, index)),
      };
    for (const index of missing) gone.add(index);
    for (const index of await findGone(memories, scope, bestOf(ranking.scores, looked, isWanted))) gone.add(index);
  }
}

async function findGone(memories: Memories, scope: Scope, indexes: readonly number[]): Promise<number[]> {
  const gone = await memories.findGone(indexes.map((index) => scope.idOf(index)));
  return indexes.filter((index) => gone.has(scope.idOf(index)));
}

/** What an answer is chosen from. */
interface Choice {
  readonly scope: Scope;
  readonly question: Question;
  readonly ranking: Ranking;
  readonly isWanted: (index: number) => boolean;
}

/** What is shown of what was chosen. */
interface Shown {
  readonly details: ReadonlyMap<number, Details>;
  readonly followers: ReadonlyMap<number, Follower>;
}

/** The memories of an answer in their order, and those of them that are no more. */
async function select(memories: Memories, choice: Choice, { limit, asOf }: RecallRequest) {
  const { scope, question, ranking, isWanted } = choice;
  const best = bestDistinct(scope, ranking.scores, limit + MARGIN, isWanted);
  const { order, followers } = await follow(memories, scope, question, best, isWanted);
  const kept = takeDistinct(scope, order, limit);
  const told = kept.flatMap((index) =>
    followers.get(index)?.isTold === true ? [followers.get(index)?.index ?? -1] : [],
  );
  const shown = [...new Set([...kept, ...told])];
  const places = kept.map((index) => scope.placeOf(index));
  const [details, missing] = await Promise.all([memories.details(places, asOf), findGone(memories, scope, shown)]);
  return { kept, followers, details, missing };
}

function show(
  { scope, ranking, isWanted }: Omit<Choice, 'question'>,
  { details, followers }: Shown,
  index: number,
): Recalled[] {
  const found = details.get(scope.placeOf(index));
  if (found === undefined) return [];
  const moved = [...followers.values()].find((follower) => follower.index === index);
  const [follower, others] = [followers.get(index), countDuplicates(scope, index, isWanted)];
  const reasons = { ...reasonsOf(ranking, index), ...(moved !== undefined && { newer: round(moved.kin) }) };
  return [
    {
      ...describe(scope, index, found, { score: round(ranking.scores[index] ?? 0), reasons }),
      ...(follower?.isTold === true && { supersededBy: describeFollower(scope, follower) }),
      ...(others > 0 && { duplicates: others }),
    },
  ];
}

/** The best memories, none of which says what a better one says; more are looked at where many say the same. */
function bestDistinct(
  scope: Scope,
  scores: Float64Array,
  count: number,
  isWanted: (index: number) => boolean,
): number[] {
  for (let looked = count; ; looked *= 4) {
    const best = bestOf(scores, looked, isWanted);
    const least = Math.max(0, LEAST_SHARE * (scores[best[0] ?? -1] ?? 0));
    const answering = best.filter((index) => (scores[index] ?? 0) > least);
    const distinct = takeDistinct(scope, answering, count);
    if (distinct.length === count || answering.length < looked) return distinct;
  }
}

/** Newer statements above older ones, where the question asks for now. */
async function follow(
  memories: Memories,
  scope: Scope,
  { asked }: Question,
  order: readonly number[],
  isWanted: (index: number) => boolean,
) {
  if (!asked.now) return { order, followers: new Map<number, Follower>() };
  const links = await memories.links();
  return followChanges(scope, order, {
    asked,
    isWanted,
    linksOf: (index) =>
      (links.get(scope.placeOf(index)) ?? []).map((place) => scope.indexOf(place)).filter((found) => found >= 0),
    textsOf: async (indexes) => {
      const texts = await memories.texts(indexes.map((index) => scope.placeOf(index)));
      return new Map(
        indexes.flatMap((index) => {
          const text = texts.get(scope.placeOf(index));
          return text === undefined ? [] : [[index, text] as const];
        }),
      );
    },
  });
}

function describeFollower(scope: Scope, { index, sentence }: Follower) {
  return { id: scope.idOf(index), createdAt: createdAtOf(scope, index), sentence };
}

/** Asked as of the past, what was written later is not known yet. */
function chooseWanted(scope: Scope, { asOf, since, until, tags }: RecallRequest): (index: number) => boolean {
  const from = since === undefined ? -Infinity : Date.parse(since);
  const before = Math.min(Date.parse(asOf) + 1, until === undefined ? Infinity : Date.parse(until));
  const wanted = tags === undefined ? null : new Set(tags);
  return (index) => {
    const at = scope.createdAt[index] ?? NaN;
    return at >= from && at < before && (wanted === null || scope.tagsOf(index).some((tag) => wanted.has(tag)));
  };
}

function describe(
  scope: Scope,
  index: number,
  { content, retrievability, fate }: Details,
  { score, reasons }: Pick<Recalled, 'score' | 'reasons'>,
): Recalled {
  return {
    id: scope.idOf(index),
    content,
    agent: scope.agentOf(index),
    createdAt: createdAtOf(scope, index),
    score,
    retrievability: retrievability === null ? null : round(retrievability),
    fate,
    reasons,
  };
}

function createdAtOf(scope: Scope, index: number): string {
  return new Date(scope.createdAt[index] ?? NaN).toISOString();
}

function reasonsOf({ weights, parts }: Ranking, index: number): Recalled['reasons'] {
  const added = (Object.keys(WEIGHTS) as Part[]).map(
    (part) => [part, round(weights[part] * (parts[part][index] ?? 0))] as const,
  );
  return Object.fromEntries(added.filter(([, value]) => value !== 0));
}

const round = (value: number) => Math.round(value * 1000) / 1000;
