import { findChange } from './changes.ts';
import { clip, READ_CHARACTERS } from './sentences.ts';
import { termsOf } from './terms.ts';
import { findDifference, findValues, type Value, type ValueKind } from './values.ts';

/** A text short enough to say one thing, or one sentence of a longer one. */
export interface Statement {
  readonly text: string;
  readonly terms: ReadonlySet<string>;
  readonly values: readonly Value[];
  /** How strongly it says that something is no longer as it was, 0 to 1. */
  readonly change: number;
}

/** How a newer text may restate what an older one states. */
export interface Restatement {
  /** How much the two tell of one thing; from about 1 on they do. */
  readonly kin: number;
  readonly change: number;
  /** What stands in it in place of a value of the older one, of the kinds that were asked for. */
  readonly value: Value | undefined;
  /** The sentence of the newer text that says so. */
  readonly sentence: string;
}

export interface Comparison {
  /** What a word that both have says for their telling of one thing: `weighShared`. */
  readonly weigh: (term: string) => number;
  /** Cosine of the two texts' meaning; null where it is not known, and then it counts for nothing. */
  readonly cosine: number | null;
  /** What kinds of value are looked for. */
  readonly kinds: readonly ValueKind[];
}

/** Characters up to which a text is one statement. */
const SHORT = 300;
/** The size of store that the weights are for. */
const USUAL = 400;
/** From here on a text says that something has changed. */
export const CHANGES = 0.5;

/** A text's statements; a long one's are its sentences, of the first 8,000 characters. */
export function readStatements(content: string): Statement[] {
  const text = clip(content, READ_CHARACTERS);
  const pieces = text.length <= SHORT ? [text] : cutSimply(text);
  return pieces.map((piece) => ({
    text: piece,
    terms: new Set(termsOf(piece)),
    values: findValues(piece),
    change: findChange(piece),
  }));
}

/**
 * The weight of a shared word by how many of a store's memories have it: its idf, less what nearly every word has. In a large store it does
 * not weigh more because other things are remembered as well, so few memories are looked at for it. In a small one every word is in a large
 * share of them; there the size counts halfway to the usual one.
 */
export function weighShared(frequency: number, size: number): number {
  return Math.max(0, rarityOf(frequency, size) - Math.max(0, Math.log(size / USUAL)) - 1.5) / 6;
}

/** A word's idf; in a small store the size counts halfway to the usual one. */
export function rarityOf(frequency: number, size: number): number {
  const counted = size < USUAL ? Math.sqrt(Math.max(1, size) * USUAL) : size;
  return Math.log(1 + Math.max(0, counted - frequency + 0.5) / (frequency + 0.5));
}

/** The two statements that are nearest to each other; undefined where one text has none. */
export function findRestatement(
  older: readonly Statement[],
  newer: readonly Statement[],
  comparison: Comparison,
): Restatement | undefined {
  let best: Restatement | undefined;
  for (const before of older)
    for (const after of newer) {
      const found = compare(before, after, comparison);
      const isBetter = best === undefined || rank(found) > rank(best);
      if (isBetter) best = found;
    }
  return best;
}

/** With a value in place of another, then by kin. */
const rank = ({ kin, value }: Restatement) => kin + (value === undefined ? 0 : 10);

/** Weights tuned on the sample's changed facts. */
function compare(older: Statement, newer: Statement, { weigh, cosine, kinds }: Comparison): Restatement {
  let kin = cosine === null ? 0 : 2 * (cosine - 0.5);
  for (const term of newer.terms) if (older.terms.has(term)) kin += weigh(term);
  if (newer.change >= CHANGES) kin += 0.3;
  if (findDifference(older.values, newer.values) !== undefined) kin += 0.3;
  const ofKind = ({ kind }: Value) => kinds.includes(kind);
  const value = findDifference(older.values.filter(ofKind), newer.values.filter(ofKind));
  return { kin, change: newer.change, value, sentence: findSentence(newer, value) };
}

/** Of a statement of several sentences the one with the value, else the one that most says that something changed. */
function findSentence({ text, change }: Statement, value: Value | undefined): string {
  const sentences = cutSimply(text);
  let from = 0;
  for (const sentence of sentences) {
    const at = text.indexOf(sentence, from);
    from = at + sentence.length;
    if (value === undefined ? change > 0 && findChange(sentence) >= change : value.at < from) return sentence;
  }
  return sentences[0] ?? text;
}

let segmenter: Intl.Segmenter | undefined;

/** Sentences as Unicode cuts them (UAX 29): fast, and right often enough for a text that is only looked at. */
function cutSimply(text: string): string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'sentence' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment.trim()).filter((sentence) => sentence !== '');
}
