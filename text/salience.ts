import type { Affect } from './affect.ts';
import type { Cues } from './cues.ts';
import { today, type Mention, type Moment } from './dates.ts';
import type { Entity } from './entities.ts';
import type { Kind } from './kind.ts';
import type { Sentence } from './sentences.ts';

const clamp = (value: number) => Math.min(1, Math.max(0, value));

/** How much each kind of evidence counts: failures, decisions, changes and lessons are what an agent is glad to have kept. */
const weights = { failure: 1, decision: 1, change: 1, lesson: 1, commitment: 0.85, achievement: 0.8 } as const;
const kindStrength: Readonly<Record<Kind, number>> = { goal: 0.8, task: 0.35, action: 0, note: 0 };

/** 0 (nothing named) to 1: names, codes and figures make a fact; saturating, so that a list of them is not a treasure. */
function specificity({ sentence, named, dates }: Reading): number {
  const figures = sentence.plain.match(/(?<![\d.,])\d[\d.,:]*/g)?.length ?? 0;
  return 1 - Math.exp(-(named.length + 0.7 * Math.min(3, figures) + 0.7 * dates.length) / 2);
}

function substance({ words }: Sentence): number {
  return Math.min(
    1,
    words.filter(({ pos, stop }) => !stop && ['NOUN', 'PROPN', 'VERB', 'ADJ', 'NUM'].includes(pos)).length / 8,
  );
}

/** One sentence and what was found in it. */
export interface Reading {
  readonly sentence: Sentence;
  readonly cues: Cues;
  readonly dates: readonly Mention[];
  /** What it names for certain. */
  readonly named: readonly Entity[];
}

/**
 * Importance of one sentence, 0 to 1: 0.05 for being said, up to 0.1 for substance, 0.35 for specificity, 0.52 for the
 * strongest evidence, 0.12 for the second and 0.2 for arousal; routine takes away up to 0.85 of what is left unsupported.
 */
function weigh(reading: Reading, arousal: number, kind: Kind): number {
  const { sentence, cues } = reading;
  const specific = specificity(reading);
  // "Renamed a variable" is a change as well; one that matters says of what, from what, to what.
  const told = { ...cues, change: cues.change * (0.6 + 0.4 * specific) };
  const evidence = Object.entries(weights).map(([family, weight]) => weight * told[family as keyof typeof weights]);
  const [first = 0, second = 0] = [...evidence, kindStrength[kind]].sort((a, b) => b - a);
  const asked = /\?\s*$/.test(sentence.text) ? 0.6 : 1; // a question is not yet a fact
  const sum = 0.05 + 0.1 * substance(sentence) + 0.35 * specific + 0.52 * first + 0.12 * second + 0.2 * arousal;
  return clamp(asked * sum * (1 - 0.85 * cues.routine * (1 - first)));
}

/** Importance of each sentence, 0 to 1; the kind's weight falls on the first. */
export const weighSentences = (readings: readonly Reading[], { arousal }: Affect, kind: Kind): number[] =>
  readings.map((reading, index) => weigh(reading, arousal, index === 0 ? kind : 'note'));

/**
 * Importance of a memory, 0 to 1: that of its weightiest sentence, and a little of the next. Length by itself adds nothing:
 * two sentences count, however many there are.
 */
export function importanceOf(weighed: readonly number[]): number {
  const [first = 0, second = 0] = [...weighed].sort((a, b) => b - a);
  return clamp(first + 0.1 * second * (1 - first));
}

const pressing =
  /\b(?:urgent(?:ly)?|asap|as soon as possible|immediate(?:ly)?|right (?:now|away)|at once|hurry|time-critical|last minute|no time|overdue|blocking|blocker|blocked|waiting for (?:us|me)|before it is too late)\b/g;

/** Pressing words that are not negated: "not urgent" presses nothing. */
function presses({ words }: Sentence): number {
  const text = words.map(({ lower, negated }) => (negated ? '-' : lower)).join(' ');
  return Math.min(1, 0.7 * (text.match(pressing)?.length ?? 0));
}

/** 1 for a limit today, falling by half every three days; 0 for what lies behind. */
function nearness(dates: readonly Mention[], moment: Moment): number {
  const now = today(moment)?.getTime();
  if (now === undefined) return 0;
  const days = dates
    .filter(({ iso }) => iso.length === 10)
    .map(({ iso, ahead }) => ({ days: (Date.parse(iso) - now) / 86_400_000, ahead }));
  return Math.max(
    0,
    ...days.filter((date) => date.days >= 0).map((date) => 2 ** (-date.days / 3) * (date.ahead ? 1 : 0.6)),
  );
}

/** Something is failing as it is written: a failure told in the present, or with no verb of repair beside it. */
const ongoing = ({ sentence, cues }: Reading) =>
  cues.failure *
  (/\b(?:is|are|still|keeps?|now|currently)\b/i.test(sentence.text) &&
  !/\b(?:fixed|resolved|restored|recovered|solved|over)\b/i.test(sentence.text)
    ? 1
    : 0.4);

/** Urgency, 0 to 1: pressing words 0.45, the nearest limit 0.35, trouble that goes on 0.4, an open task 0.15, arousal 0.1. */
export function urgencyOf(readings: readonly Reading[], { arousal }: Affect, kind: Kind, moment: Moment): number {
  if (readings.length === 0) return 0;
  const most = (measure: (reading: Reading) => number) => Math.max(0, ...readings.map(measure));
  const calm = 1 - 0.8 * Math.min(...readings.map(({ cues }) => cues.routine));
  const limit = most(
    ({ dates, cues }) =>
      nearness(dates, moment) *
      (kind === 'task' || kind === 'goal' || cues.commitment > 0 || dates.some(({ ahead }) => ahead) ? 1 : 0.3),
  );
  return clamp(
    calm *
      (0.45 * most(({ sentence }) => presses(sentence)) +
        0.35 * limit +
        0.4 * most(ongoing) +
        (kind === 'task' ? 0.15 : 0) +
        0.1 * arousal),
  );
}
