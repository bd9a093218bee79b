import { findChange } from './changes.ts';
import { segmentSentences } from './segments.ts';
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
  const pieces = text.length <= SHORT ? [text] : segmentSentences(text);
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
  let best: Compared | undefined;
  for (const before of older)
    for (const after of newer) {
      const found = compare(before, after, comparison);
      if (best === undefined || rank(found) > rank(best)) best = found;
    }
  if (best === undefined) return undefined;
  const { kin, change, value, after, shared } = best;
  return { kin, change, value, sentence: findSentence(after, value, shared) };
}

/** Two statements beside each other; `shared` weighs the words of a part of the newer one that the older one has. */
interface Compared extends Omit<Restatement, 'sentence'> {
  readonly after: Statement;
  readonly shared: (terms: Iterable<string>) => number;
}

/** With a value in place of another, then by kin. */
const rank = ({ kin, value }: Compared) => kin + (value === undefined ? 0 : 10);

/** Weights tuned on the sample's changed facts. */
function compare(older: Statement, newer: Statement, { weigh, cosine, kinds }: Comparison): Compared {
  const shared = (terms: Iterable<string>) => {
    let sum = 0;
    for (const term of new Set(terms)) if (older.terms.has(term)) sum += weigh(term);
    return sum;
  };
  let kin = (cosine === null ? 0 : 2 * (cosine - 0.5)) + shared(newer.terms);
  if (newer.change >= CHANGES) kin += 0.3;
  if (findDifference(older.values, newer.values) !== undefined) kin += 0.3;
  const ofKind = ({ kind }: Value) => kinds.includes(kind);
  const value = findDifference(older.values.filter(ofKind), newer.values.filter(ofKind));
  return { kin, change: newer.change, value, after: newer, shared };
}

/** Of a statement of several sentences the one with the value, else the one that shares most with what it restates. */
function findSentence(
  { text }: Statement,
  value: Value | undefined,
  kinOf: (terms: readonly string[]) => number,
): string {
  let from = 0;
  let best = { sentence: text, kin: Number.NEGATIVE_INFINITY };
  for (const sentence of segmentSentences(text)) {
    const at = text.indexOf(sentence, from);
    from = at + sentence.length;
    if (value !== undefined && value.at < from) return sentence;
    // Of those that share as much, the one that says that something changed.
    const kin = kinOf(termsOf(sentence)) + findChange(sentence) / 100;
    if (kin > best.kin) best = { sentence, kin };
  }
  return best.sentence;
}
