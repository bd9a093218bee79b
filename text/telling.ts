import type { Cues } from './cues.ts';
import type { Mention } from './dates.ts';
import type { Entity } from './entities.ts';
import { isOwnDeed, wordsOf } from './grammar.ts';
import type { Kind } from './kind.ts';
import type { Sentence } from './sentences.ts';
import { contentStems } from './summary.ts';

/** One sentence and what was found in it. */
export interface Reading {
  readonly sentence: Sentence;
  readonly cues: Cues;
  readonly dates: readonly Mention[];
  /** What it names for certain. */
  readonly named: readonly Entity[];
}

/**
 * What makes a memory worth keeping: weights of ln(1 + count), and the counts from which more says nothing. What tells more is asked for
 * more, but of messages that are all long the length says nothing. `learned`: on nine of ten long conversations whose questions are known,
 * tried on the tenth (AUC .784; content words alone .752), there of numbers scaled to one spread; what the spread is in talk is a guess.
 * `lowered`: learned likewise, then made a third smaller, as the sample had it. `chosen` is a choice. They are no parameters of a profile:
 * what was read is kept, and another value is another version of the rules.
 */
const telling = {
  words: { weight: 1.5, most: 24, evidence: 'learned' },
  dates: { weight: 1, most: 3, evidence: 'lowered' },
  deed: { weight: 0.45, most: 1, evidence: 'learned' },
  figures: { weight: 0.6, most: 4, evidence: 'lowered' },
  names: { weight: 0.25, most: 4, evidence: 'learned' },
  // A question is not yet a fact; nor is a goal, which was needed less than other lines in the conversations and in the sample.
  question: { weight: -0.5, most: 1, evidence: 'learned' },
  // Cues told nothing of need in conversations; in agents' notes decisions and failures are needed more than other lines (AUC .69).
  cue: { weight: 1.4, most: 1, evidence: 'chosen' },
} as const;

/** What a word that carries no meaning of its own counts: a whole sentence tells more than the same words as a list. Chosen on the sample. */
const FUNCTION_WORD = 0.3;
/** How much each kind of evidence counts: failures, decisions, changes and lessons are what an agent is glad to have kept. Chosen. */
const cueWeights = { failure: 1, decision: 1, change: 1, lesson: 1, commitment: 0.85, achievement: 0.8 } as const;
/** The line at which importance is 1 - 1/e, and how steeply it rises there: a Weibull curve, so that neither end is reached. Chosen. */
const SCALE = 4.25;
const STEEPNESS = 2.5;
/** What routine takes away of what no cue supports. Chosen. */
const ROUTINE = 0.85;

const FIGURE = /(?<![\d.,])\d[\d.,:]*/g;

/**
 * Importance of some sentences together, 0 to 1, by what they tell; without a word 0. What is said twice counts once, so a long log is
 * no more important than its lines.
 */
export function importanceOf(readings: readonly Reading[], kind: Kind = 'note'): number {
  if (readings.length === 0) return 0;
  const cue = Math.max(...readings.map(supportOf));
  const line = weigh(readings, kind) + telling.cue.weight * cue;
  const routine = Math.min(...readings.map(({ cues }) => cues.routine));
  const told = 1 - Math.exp(-((Math.max(0, line) / SCALE) ** STEEPNESS));
  return told * (1 - ROUTINE * routine * (1 - cue));
}

type Counted = 'words' | 'dates' | 'figures' | 'names';

function weigh(readings: readonly Reading[], kind: Kind): number {
  const counts: Readonly<Record<Counted, number>> = {
    words: countWords(readings),
    dates: countDistinct(readings, ({ dates }) => dates.map(({ iso }) => iso)),
    figures: countDistinct(readings, ({ sentence }) => sentence.plain.match(FIGURE) ?? []),
    names: countDistinct(readings, ({ named }) => named.map(({ name }) => name)),
  };
  const counted = Object.entries(counts).map(([name, count]) => {
    const { weight, most } = telling[name as Counted];
    return weight * Math.log(1 + Math.min(most, count));
  });
  const deed = readings.some(({ sentence }) => isOwnDeed(sentence)) ? telling.deed.weight : 0;
  const isOpen = kind === 'goal' || /\?["”’)\s]*$/.test(readings.at(-1)?.sentence.text ?? '');
  return counted.reduce((sum, part) => sum + part, deed + (isOpen ? telling.question.weight : 0));
}

function countWords(readings: readonly Reading[]): number {
  const content = countDistinct(readings, ({ sentence }) => contentStems(sentence));
  const stop = ({ sentence }: Reading) =>
    wordsOf(sentence)
      .filter((word) => word.stop)
      .map(({ lower }) => lower);
  return content + FUNCTION_WORD * countDistinct(readings, stop);
}

const countDistinct = (readings: readonly Reading[], find: (reading: Reading) => readonly string[]) =>
  new Set(readings.flatMap(find)).size;

/** The strongest evidence in a sentence that something happened which an agent is glad to have kept, 0 to 1. */
function supportOf({ cues }: Reading): number {
  return Math.max(...Object.entries(cueWeights).map(([family, weight]) => weight * cues[family as keyof typeof cues]));
}
