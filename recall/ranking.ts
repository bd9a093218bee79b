import { ASKS, TELLS_NUMBER, TELLS_TIME } from './block.ts';
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
 * lose .027 by length at .3 of words and meaning together; on the sample the talk's weights find .375 of what is needed among
 * the first five, these .526 (`npm run bench -- recall`).
 */
export const WEIGHTS = {
  /** BM25 over own and neighbouring words; with feedback, without both -.063. In notes as far as the question's words are there at all. */
  words: { talk: 1.5, notes: 3 },
  /** The same, the question widened by the best terms of its five best memories; -.020. */
  feedback: { talk: 1.5, notes: 0 },
  /** Cosine, neighbours included; -.024. */
  meaning: { talk: 3, notes: 1.5 },
  /** Cosine of the memory alone: notes follow each other less than turns do. */
  ownMeaning: { talk: 0, notes: 1.5 },
  /** The question names the one who speaks; -.039. */
  speaker: { talk: 2.25, notes: 2.25 },
  /** The three best memories of its session; with the next -.034. Nothing for a question after a list, whose items lie in many. */
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
  asks: { talk: -0.75, notes: 0 },
  /** Fewer than five terms. */
  short: { talk: -0.5, notes: -0.5 },
  /** Terms, up to forty: who tells more is asked for more; with short -.005. */
  length: { talk: 1.5, notes: 0.3 },
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
/** From here on sorting all is faster than keeping the best. */
const MANY = 200;
const FEW_TURNS = 0.1;

/**
 * Ranks all memories of a scope for a question; `only` leaves out other parts, for measuring what each is worth. A part that does not apply,
 * or weighs nothing, is not computed: in notes that saves two thirds of the time.
 */
export function rank(
  scope: Scope,
  question: Question,
  only: readonly Part[] = Object.keys(WEIGHTS) as Part[],
): Ranking {
  const weights = weigh(scope, question);
  const nothing = new Float64Array(scope.size);
  const when = (holds: boolean, part: Part, make: () => Float64Array) =>
    holds && weights[part] !== 0 ? make() : nothing;
  const words = top(scoreWords(scope, question.terms));
  const hasMeaning = question.vector !== null && scope.hasVectors;
  const own = scope.cosines(question.vector);
  const meaning = when(hasMeaning, 'meaning', () => minMax(scope.windowCosines(own)));
  const nearness = hasMeaning ? minMax(own) : nothing;
  const base = hasMeaning ? halve(words, nearness) : words;
  const named = question.speakers.length === 1 ? question.speakers[0] : undefined;
  const parts: Record<Part, Float64Array> = {
    words,
    feedback: when(true, 'feedback', () => top(scoreWords(scope, widen(scope, question, base)))),
    meaning,
    ownMeaning: nearness,
    speaker: when(named !== undefined, 'speaker', () => flag(scope, (index) => scope.speakerOf(index) === named)),
    session: when(true, 'session', () => minMax(scoreBestOfSession(scope, base))),
    sessionWords: when(true, 'sessionWords', () =>
      spreadSessions(scope, top(scoreSessions(scope, question.topicTerms))),
    ),
    date: when(question.range !== null, 'date', () => scoreDates(scope, question.range)),
    mentionedDate: when(question.range !== null, 'mentionedDate', () => scoreMentionedDates(scope, question.range)),
    time: when(question.asksWhen, 'time', () => flagged(scope, TELLS_TIME)),
    number: when(question.asksHowMany, 'number', () => flagged(scope, TELLS_NUMBER)),
    asks: when(true, 'asks', () => flagged(scope, ASKS)),
    short: when(true, 'short', () => flag(scope, (index) => scope.lengths[index]! < FEW_TERMS)),
    length: when(true, 'length', () => scoreLength(scope)),
    novelty: when(true, 'novelty', () => scope.novelty),
  };
  const scores = new Float64Array(scope.size);
  for (const part of only) if (parts[part] !== nothing) addTo(scores, parts[part], weights[part]);
  return { parts, weights, scores };
}

function weigh(scope: Scope, question: Question): Record<Part, number> {
  const talk = talkOf(scope);
  // top() makes 1 of the best match, however poor: a question in other words than the memories' has chance matches alone.
  const trust = talk + (1 - talk) * scope.coverage(question.terms);
  const weight = (part: Part) => talk * WEIGHTS[part].talk + (1 - talk) * WEIGHTS[part].notes;
  const weights = Object.fromEntries((Object.keys(WEIGHTS) as Part[]).map((part) => [part, weight(part)]));
  const session = question.asked.list ? 0 : weight('session');
  return { ...(weights as Record<Part, number>), words: trust * weight('words'), session };
}

/** 0 for notes, of which a few quote somebody; 1 for talk, of which a few turns are not labelled; between them by their share. */
export function talkOf({ talkShare }: Scope): number {
  return Math.min(1, Math.max(0, (talkShare - FEW_TURNS) / (1 - 2 * FEW_TURNS)));
}

function addTo(scores: Float64Array, values: Float64Array, weight: number): void {
  for (let index = 0; index < scores.length; index += 1) scores[index]! += weight * values[index]!;
}

function halve(words: Float64Array, nearness: Float64Array): Float64Array {
  const base = new Float64Array(words.length);
  for (let index = 0; index < base.length; index += 1) base[index] = 0.5 * words[index]! + 0.5 * nearness[index]!;
  return base;
}

function scoreLength({ size, lengths }: Scope): Float64Array {
  const values = new Float64Array(size);
  for (let index = 0; index < size; index += 1) values[index] = Math.min(1, lengths[index]! / MANY_TERMS);
  return values;
}

function flagged({ size, flags }: Scope, one: number): Float64Array {
  const values = new Float64Array(size);
  for (let index = 0; index < size; index += 1) if ((flags[index]! & one) !== 0) values[index] = 1;
  return values;
}

function flag({ size }: Scope, holds: (index: number) => boolean): Float64Array {
  const values = new Float64Array(size);
  for (let index = 0; index < size; index += 1) if (holds(index)) values[index] = 1;
  return values;
}

/** The question with the ten terms that its five best memories have most in common with it, none heavier than .3. */
function widen(scope: Scope, { terms }: Question, base: Float64Array): Map<number, number> {
  const best = bestOf(base, FEEDBACK_MEMORIES).filter((index) => base[index]! > 0);
  const found = new Map<number, number>();
  for (const index of best)
    for (const term of new Set(scope.termsOf(index)))
      found.set(term, (found.get(term) ?? 0) + (base[index]! * scope.idf(term)) / FEEDBACK_MEMORIES);
  // Of equals those of the better memory, and there the earlier.
  const heaviest = [...found].sort((a, b) => b[1] - a[1]).slice(0, FEEDBACK_TERMS);
  const most = heaviest[0]?.[1] ?? 1;
  const widened = new Map(heaviest.map(([term, weight]) => [term, (FEEDBACK_WEIGHT * weight) / most]));
  for (const [term, weight] of terms) widened.set(term, weight);
  return widened;
}

/** The mean of the three best base values of each memory's session. */
function scoreBestOfSession(scope: Scope, base: Float64Array): Float64Array {
  const { size, sessions, sessionCount } = scope;
  const [best, members] = [new Float64Array(sessionCount * SESSION_BEST), new Uint32Array(sessionCount)];
  for (let index = 0; index < size; index += 1) {
    const session = sessions[index]!;
    members[session]! += 1;
    let value = base[index]!;
    for (let at = session * SESSION_BEST; at < (session + 1) * SESSION_BEST; at += 1)
      if (value > best[at]!) [best[at], value] = [value, best[at]!];
  }
  const means = new Float64Array(sessionCount);
  for (let session = 0; session < sessionCount; session += 1) {
    let sum = 0;
    for (let at = 0; at < SESSION_BEST; at += 1) sum += best[session * SESSION_BEST + at]!;
    means[session] = sum / Math.min(members[session]!, SESSION_BEST);
  }
  return spreadSessions(scope, means);
}

function spreadSessions({ size, sessions }: Scope, bySession: Float64Array): Float64Array {
  const values = new Float64Array(size);
  for (let index = 0; index < size; index += 1) values[index] = bySession[sessions[index]!]!;
  return values;
}

/**
 * The indexes of the greatest values among those that are accepted, best first; of equals the newer memory, which stands later. Of 100,000
 * the best 10 take 0.3 ms, to sort them all takes 40.
 */
export function bestOf(
  values: Float64Array,
  count: number,
  accepts: (index: number) => boolean = () => true,
): number[] {
  const isBetter = (a: number, b: number) => values[a]! - values[b]! || a - b;
  if (count > MANY)
    return Array.from(values.keys())
      .filter(accepts)
      .sort((a, b) => isBetter(b, a))
      .slice(0, count);
  const best: number[] = [];
  let least = -Infinity;
  for (let index = 0; index < values.length; index += 1) {
    if (values[index]! < least || !accepts(index)) continue;
    let at = best.length;
    while (at > 0 && isBetter(index, best[at - 1]!) > 0) at -= 1;
    best.splice(at, 0, index);
    if (best.length > count) best.pop();
    if (best.length === count) least = values[best[count - 1]!] ?? Infinity;
  }
  return best;
}

/** Divides by the greatest, in place. */
function top(values: Float64Array): Float64Array {
  let most = 0;
  for (let index = 0; index < values.length; index += 1) most = Math.max(most, values[index]!);
  if (most > 0) for (let index = 0; index < values.length; index += 1) values[index]! /= most;
  return values;
}

/** Makes 0 of the least and 1 of the greatest, in place; zeros where all are alike. */
function minMax(values: Float64Array): Float64Array {
  let [low, high] = [Infinity, -Infinity];
  for (let index = 0; index < values.length; index += 1) {
    low = Math.min(low, values[index]!);
    high = Math.max(high, values[index]!);
  }
  if (!(high > low)) return values.fill(0);
  for (let index = 0; index < values.length; index += 1) values[index] = (values[index]! - low) / (high - low);
  return values;
}
