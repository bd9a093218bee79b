import { grammar } from './cue-grammar.ts';
import { families, tables, type Family } from './cue-words.ts';
import { verbForm } from './grammar.ts';
import { stemsOf, type Sentence, type Word } from './sentences.ts';

/** Strength of the evidence, 0 (none) to 1. */
export type Cues = Readonly<Record<Family, number>>;

interface Entry {
  readonly family: Family;
  readonly strength: number;
  readonly only: string;
}
let lexicon: ReadonlyMap<string, readonly Entry[]> | undefined;

function compile(): ReadonlyMap<string, readonly Entry[]> {
  const rows = families.flatMap((family) =>
    Object.entries(tables[family]).flatMap(([strength, words]) =>
      words.split(' ').map((word) => ({
        family,
        strength: Number(strength),
        only: /^([vna]):/.exec(word)?.[1] ?? '',
        word: word.replace(/^\w+:/, ''),
      })),
    ),
  );
  const stems = rows.map(({ word }) => stemsOf([word])[0] ?? word);
  const found = new Map<string, Entry[]>();
  rows.forEach((entry, index) => found.set(stems[index] ?? '', [...(found.get(stems[index] ?? '') ?? []), entry]));
  return found;
}

const entriesOf = (stem: string): readonly Entry[] => (lexicon ??= compile()).get(stem) ?? [];

/** Whether a stem is evidence of anything: then it is an ordinary word, however it is written. */
export const isCue = (stem: string): boolean => entriesOf(stem).length > 0;

const fits = ({ pos, lower }: Word, only: string, word: Word) =>
  only === '' ||
  (only === 'v' && (pos === 'VERB' || verbForm(word) === 'past') && lower !== 'due') ||
  (only === 'n' && pos === 'NOUN') ||
  (only === 'a' && (pos === 'ADJ' || pos === 'ADV' || pos === 'INTJ'));

/** Words after "if", up to the comma, tell of what may be, not of what is. */
function hypothetical(words: readonly Word[]): (index: number) => boolean {
  const start = words.findIndex(({ lower }) =>
    ['if', 'unless', 'whether', 'would', 'could', 'might', 'maybe', 'perhaps'].includes(lower),
  );
  const comma = words.findIndex(({ text }, index) => index > start && (text === ',' || text === ';'));
  return (index) => start >= 0 && index > start && (comma < 0 || index < comma);
}

/** The sentence as the patterns read it: lower case, contractions spelled out, one space between words. */
const spell = ({ words }: Sentence) =>
  words
    .map(({ lower }) => lower)
    .join(' ')
    .replaceAll(' : ', ': ');

/**
 * The evidence in one sentence, per family. A negated failure ("no outage") is evidence of routine; a cue after "if" counts
 * half; every further cue of a family adds a little. No cue reads what a text says about its own importance.
 */
export function findCues(sentence: Sentence): Cues {
  const found: Record<Family, number[]> = {
    failure: [],
    decision: [],
    change: [],
    lesson: [],
    commitment: [],
    achievement: [],
    routine: [],
  };
  const maybe = hypothetical(sentence.words);
  sentence.words.forEach((word, index) => {
    for (const { family, strength, only } of entriesOf(word.stem)) {
      if (!fits(word, only, word)) continue;
      if (word.negated && family === 'failure') found.routine.push(0.8);
      else if (!word.negated) found[family].push(strength * (maybe(index) ? 0.5 : 1));
    }
  });
  const text = spell(sentence);
  for (const [family, strength, pattern] of grammar) {
    const match = pattern.exec(text);
    if (match)
      found[family].push(
        strength * (/\b(?:if|whether|might|would|could) (?:\S+ ){0,6}$/.test(text.slice(0, match.index)) ? 0.5 : 1),
      );
  }
  return Object.fromEntries(families.map((family) => [family, combine(found[family])])) as Record<Family, number>;
}

/** The strongest piece of evidence, and a tenth of each of the others; at most 1. */
function combine(strengths: readonly number[]): number {
  const [first = 0, ...rest] = [...strengths].sort((a, b) => b - a);
  return Math.min(1, first + 0.1 * rest.reduce((sum, strength) => sum + strength, 0));
}
