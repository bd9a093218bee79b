import { scoreSessions, scoreWords } from './bm25.ts';
import type { Question } from './question.ts';
import type { Scope } from './scope.ts';
import { scoreDates, scoreMentionedDates } from './when.ts';

/**
 * How much each part weighs in talk (turns that a speaker's name opens) and in notes; a store between the two has weights between. Each
 * part is 0 to 1 over the memories asked, and 0 for all of them where it does not apply. How well a memory is remembered, and how
 * important it is, are not among them: measured, they never help.
 *
 * Talk: learned on nine long conversations by a listwise loss, scored on the tenth, with MiniLM's vectors, then rounded; behind each stands the
 * loss of R@5 without it, of .764. Notes: two data sets of long messages gain nothing by session, feedback and neighbours (all within chance) and
 * lose .027 by length at .3 of words and meaning together; on the sample the talk's weights find .364 of what is needed among
 * the first five, these .526 (`npm run bench -- recall`).
 */
export const WEIGHTS = {
  /** BM25 over own and neighbouring words; with feedback, without both -.063. In notes as far as the question's words are there at all. */
  words: { talk: 1.5, notes: 1.5 },
  /** The same, the question widened by the best terms of its five best memories; -.020. */
  feedback: { talk: 1.5, notes: 0 },
  /** Cosine, neighbours included; -.024. */
  meaning: { talk: 3, notes: 3 },
  /** The question names the one who speaks; -.039. */
  speaker: { talk: 2.25, notes: 2.25 },
  /** The three best memories of its session; with the next -.034. */
  session: { talk: 1.75, notes: 0 },
  /** BM25 over whole sessions. */
  sessionWords: { talk: 1.25, notes: 0 },
  /** Written when the question says; with the next -.026. */
  date: { talk: 4, notes: 4 },
  /** Mentions a day that the question names. */
  mentionedDate: { talk: 1.5, notes: 1.5 },
  /** The question asks when, and the memory has a word of time; with number -.004. */
  time: { talk: 1.75, notes: 0.5 },
  number: { talk: 0.75, notes: 0.25 },
  /** A question answers none; -.008. */
  asks: { talk: -0.75, notes: -0.75 },
  /** Fewer than five terms. */
  short: { talk: -0.5, notes: -0.5 },
  /** Terms, up to forty: who tells more is asked for more; with short -.005. */
  length: { talk: 1.5, notes: 0.45 },
  /** Share of its entities that were new; -.006. */
  novelty: { talk: 1.5, notes: 0 },
} as const;

export type Part = keyof typeof WEIGHTS;

/** The value of each part for each memory, and their weighted sum. */
export interface Ranking {
  readonly parts: Readonly<Record<Part, Float64Array>>;
  readonly weights: Readonly<Record<Part, number>>;
  readonly scores: Float64Array;
}

const FEEDBACK_MEMORIES = 5;
const FEEDBACK_TERMS = 10;
const FEEDBACK_WEIGHT = 0.3;
const SESSION_BEST = 3;
const FEW_TERMS = 5;
const MANY_TERMS = 40;

/** Ranks all memories of a scope for a question; `only` leaves out other parts, for measuring what each is worth. */
export function rank(
  scope: Scope,
  question: Question,
  only: readonly Part[] = Object.keys(WEIGHTS) as Part[],
): Ranking {
  const words = scoreWords(scope, question.terms);
  const own = scope.cosines(question.vector);
  const base = new Float64Array(scope.size);
  const [topWords, nearness] = [top(words), minMax(own)];
  const hasMeaning = question.vector !== null && scope.hasVectors;
  base.forEach((_, index) => {
    base[index] = hasMeaning ? 0.5 * topWords[index]! + 0.5 * nearness[index]! : topWords[index]!;
  });
  const flag = (holds: (index: number) => boolean) => Float64Array.from(base, (_, index) => (holds(index) ? 1 : 0));
  const named = question.speakers.length === 1 ? question.speakers[0] : undefined;
  const parts: Record<Part, Float64Array> = {
    words: topWords,
    feedback: top(scoreWords(scope, widen(scope, question, base))),
    meaning: minMax(scope.windowCosines(own)),
    speaker: flag((index) => named !== undefined && scope.speakerOf(index) === named),
    session: minMax(scoreBestOfSession(scope, base)),
    sessionWords: spreadSessions(scope, top(scoreSessions(scope, question.topicTerms))),
    date: scoreDates(scope, question.range),
    mentionedDate: scoreMentionedDates(scope, question.range),
    time: flag((index) => question.asksWhen && scope.tellsTime(index)),
    number: flag((index) => question.asksHowMany && scope.tellsNumber(index)),
    asks: flag((index) => scope.asks(index)),
    short: flag((index) => scope.lengths[index]! < FEW_TERMS),
    length: scope.lengths.map((length) => Math.min(1, length / MANY_TERMS)),
    novelty: Float64Array.from(base, (_, index) => scope.noveltyOf(index)),
  };
  const weights = weigh(scope, question);
  const scores = new Float64Array(scope.size);
  for (const part of only)
    parts[part].forEach((value, index) => {
      scores[index]! += weights[part] * value;
    });
  return { parts, weights, scores };
}

function weigh(scope: Scope, question: Question): Record<Part, number> {
  const talk = scope.talkShare;
  // top() makes 1 of the best match, however poor: a question in other words than the memories' has chance matches alone.
  const trust = talk + (1 - talk) * scope.coverage(question.terms, question.unknownTerms);
  const weight = (part: Part) => talk * WEIGHTS[part].talk + (1 - talk) * WEIGHTS[part].notes;
  const weights = Object.fromEntries((Object.keys(WEIGHTS) as Part[]).map((part) => [part, weight(part)]));
  return { ...(weights as Record<Part, number>), words: trust * weight('words') };
}

/** The question with the ten terms that its five best memories have most in common with it, none heavier than .3. */
function widen(scope: Scope, { terms }: Question, base: Float64Array): Map<number, number> {
  const best = bestOf(base, FEEDBACK_MEMORIES).filter((index) => base[index]! > 0);
  const found = new Map<number, number>();
  for (const index of best)
    for (const term of new Set(scope.termsOf(index)))
      found.set(term, (found.get(term) ?? 0) + (base[index]! * scope.idf(term)) / FEEDBACK_MEMORIES);
  const heaviest = [...found].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, FEEDBACK_TERMS);
  const most = heaviest[0]?.[1] ?? 1;
  const widened = new Map(heaviest.map(([term, weight]) => [term, (FEEDBACK_WEIGHT * weight) / most]));
  for (const [term, weight] of terms) widened.set(term, weight);
  return widened;
}

/** The mean of the three best base values of each memory's session. */
function scoreBestOfSession(scope: Scope, base: Float64Array): Float64Array {
  const best = Array.from({ length: scope.sessionCount }, () => [] as number[]);
  base.forEach((value, index) => best[scope.sessions[index]!]!.push(value));
  const means = best.map((values) => {
    const top = values.sort((a, b) => b - a).slice(0, SESSION_BEST);
    return top.reduce((sum, value) => sum + value, 0) / Math.max(1, top.length);
  });
  return spreadSessions(scope, Float64Array.from(means));
}

function spreadSessions(scope: Scope, bySession: Float64Array): Float64Array {
  return Float64Array.from(scope.sessions, (session) => bySession[session]!);
}

/** The indexes of the greatest values, best first; of equals the newer memory, which stands later. */
export function bestOf(values: Float64Array, count: number): number[] {
  return Array.from(values.keys())
    .sort((a, b) => values[b]! - values[a]! || b - a)
    .slice(0, count);
}

function top(values: Float64Array): Float64Array {
  const most = values.reduce((max, value) => Math.max(max, value), 0);
  return most > 0 ? values.map((value) => value / most) : values;
}

function minMax(values: Float64Array): Float64Array {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return high > low ? values.map((value) => (value - low) / (high - low)) : values.map(() => 0);
}
