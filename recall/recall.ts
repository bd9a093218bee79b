import { bestOf, rank, WEIGHTS, type Part, type Ranking } from './ranking.ts';
import { readQuestion } from './question.ts';
import type { Details, RecallFile } from './file.ts';
import type { EmbedQuestion } from './meaning.ts';
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
  readonly reasons: Partial<Record<Part, number>>;
}

export interface RecallAnswer {
  readonly question: string;
  readonly asOf: string;
  readonly results: readonly Recalled[];
}

/** Below this share of the best score a memory is no answer; a choice, which cuts off those that nothing but their length speaks for. */
const LEAST_SHARE = 0.05;

/** Answers a question from a recall file. An agent without memories, or a question without a word, gets an empty list. */
export async function recall(file: RecallFile, embed: EmbedQuestion, request: RecallRequest): Promise<RecallAnswer> {
  const { question: text, agent = null, asOf, limit } = request;
  const [scope, vector] = await Promise.all([file.scope(agent), embed(text)]);
  const question = readQuestion(text, scope, { asOf: Date.parse(asOf), vector });
  if (
    ![...question.terms.keys()].some((term) => scope.frequencyOf(term) > 0) &&
    vector === null &&
    question.range === null
  )
    return { question: text, asOf, results: [] };
  const ranking = rank(scope, question);
  const best = bestOf(ranking.scores, limit, chooseWanted(scope, request)).map((index) => ({
    index,
    score: ranking.scores[index] ?? 0,
  }));
  const least = Math.max(0, LEAST_SHARE * (best[0]?.score ?? 0));
  const kept = best.filter(({ score }) => score > least);
  const details = await file.details(
    kept.map(({ index }) => scope.placeOf(index)),
    asOf,
  );
  const results = kept.flatMap(({ index, score }) => {
    const found = details.get(scope.placeOf(index));
    return found === undefined ? [] : [describe(found, score, reasonsOf(ranking, index))];
  });
  return { question: text, asOf, results };
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

function describe(details: Details, score: number, reasons: Recalled['reasons']): Recalled {
  return {
    id: details.memory_id,
    content: details.content,
    agent: details.agent,
    createdAt: details.created_at.toISOString(),
    score: round(score),
    retrievability: details.retrievability === null ? null : round(details.retrievability),
    fate: details.fate,
    reasons,
  };
}

function reasonsOf({ weights, parts }: Ranking, index: number): Recalled['reasons'] {
  const added = (Object.keys(WEIGHTS) as Part[]).map(
    (part) => [part, round(weights[part] * (parts[part][index] ?? 0))] as const,
  );
  return Object.fromEntries(added.filter(([, value]) => value !== 0));
}

const round = (value: number) => Math.round(value * 1000) / 1000;
