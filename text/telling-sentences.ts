import { findCues, type Cues } from './cues.ts';
import { addressesReader, isPast, leansBack } from './grammar.ts';
import { isDigest, isGreeting } from './greetings.ts';
import { onceOf, readSentencesAgain, type Sentence } from './sentences.ts';
import { rarityOf } from './restatement.ts';
import { contentStems } from './summary.ts';
import { numberOf } from './terms.ts';

// Weights of the line were tried on ten long conversations: of the sentences that it chose .551 were in what a question needs, of those
// nearest to the middle .194, of all .243. Whoever changes one raises the `rulesVersion` of gists.
/** A word so rare says no more when it is rarer still; and what makes one word of weight. */
const [RAREST, WORD] = [7, 6];
const QUESTION = 0.3;
const GREETING = 0.3;
const DEED = 1.2;
const NO_DEED = 0.8;
/** As a greeting; a design choice, since talk has no reports by the dozen and no lists. */
const ROUTINE = 0.3;
/** Distinct words of content below which a sentence says as little. */
const LEAST_WORDS = 3;
/** Of a sentence that leans on one which is not there. A design choice. */
const LEANING = 0.6;
/** Characters up to which a quotation takes along the sentence on which it leans. */
const QUOTED = 240;
/** What nearness to the middle is worth beside what a sentence tells by itself. */
const NEARNESS = 0.6;
/** Of maximal marginal relevance (Carbonell & Goldstein 1998): value against likeness to what is chosen. */
const VALUE = 0.6;

/** How many memories there are, and how many have a term (by its number). */
export interface WordCounts {
  readonly total: number;
  readonly found: readonly (readonly [number, number])[];
}

/** How rare a stem is among the memories; of nothing known all are alike. */
export function openRarity({ total, found }: WordCounts = { total: 0, found: [] }): (stem: string) => number {
  const counts = new Map(found);
  return (stem) => rarityOf(counts.get(numberOf(stem)) ?? 0, total);
}

/** A sentence that may stand for several, and how much it tells. */
export interface Candidate {
  readonly sentence: Sentence;
  /** It as it is quoted: with what it leans on. */
  readonly text: string;
  readonly tell: number;
}

const OWN = new Set(['i', 'we']);

/** Whether its writer tells what they did: "I lost my job", "Moved the shop to port 8090". */
function tellsDeed(sentence: Sentence): boolean {
  const [first] = sentence.words;
  return isPast(sentence) && (first?.pos === 'VERB' || sentence.words.some(({ lower }) => OWN.has(lower)));
}

/** Whether a sentence is a report by the dozen: evidence of routine that nothing else outweighs ("Backup ran", not "The backup failed"). */
export const isRoutine = ({ routine, failure, decision, change, lesson }: Cues): boolean =>
  routine - Math.max(failure, decision, change, lesson) >= 0.5;

const stemsOnce = onceOf((sentence) => [...new Set(contentStems(sentence))]);

/** What the words of a sentence weigh by what it is: nothing when it speaks to the reader, hardly as a question or a report by the dozen. */
const weighOnce = onceOf((sentence) => {
  if (addressesReader(sentence)) return 0;
  const question = /\?["”’)\s]*$/.test(sentence.text) ? QUESTION : 1;
  const greeting = isGreeting(sentence.text) ? GREETING : 1;
  const isBare = stemsOnce(sentence).length < LEAST_WORDS || isDigest(sentence.text) || isRoutine(findCues(sentence));
  return question * greeting * (isBare ? ROUTINE : 1) * (tellsDeed(sentence) ? DEED : NO_DEED);
});

/** How much a sentence tells: rare words count, questions, greetings and reports by the dozen hardly. */
export function tell(sentence: Sentence, rarity: (stem: string) => number): number {
  const words = stemsOnce(sentence).reduce((sum, stem) => sum + Math.min(rarity(stem), RAREST), 0);
  return Math.log(1 + words / WORD) * weighOnce(sentence);
}

/** The sentence at a place as it is quoted: after those on which it leans, as long as they are few words. */
export function quoteAt(sentences: readonly Sentence[], place: number): string {
  const [sentence, before] = [sentences[place], sentences[place - 1]];
  if (sentence === undefined) return '';
  if (before === undefined || !leansBack(sentence) || addressesReader(before)) return sentence.text;
  const whole = `${quoteAt(sentences, place - 1)} ${sentence.text}`;
  return whole.length > QUOTED ? sentence.text : whole;
}

/** The sentence of a text that tells most, if it has one. */
export function findTelling(text: string, rarity: (stem: string) => number): Candidate | null {
  const sentences = readSentencesAgain(text);
  const told = sentences.map((sentence, place) => {
    const quoted = quoteAt(sentences, place);
    const isLeft = quoted === sentence.text && leansBack(sentence);
    return { sentence, text: quoted, tell: tell(sentence, rarity) * (isLeft ? LEANING : 1) };
  });
  return told.reduce<Candidate | null>((best, next) => (best === null || next.tell > best.tell ? next : best), null);
}

/** The middle one of some numbers, of an even count the higher; 0 of none. */
export const medianOf = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

/** Cosine of two sentences by their content words, each with its rarity. */
export function likeness(a: Sentence, b: Sentence, rarity: (stem: string) => number): number {
  const [first, second] = [stemsOnce(a), new Set(stemsOnce(b))];
  const square = (stems: Iterable<string>) => [...stems].reduce((sum, stem) => sum + rarity(stem) ** 2, 0);
  const shared = square(first.filter((stem) => second.has(stem)));
  return shared === 0 ? 0 : shared / Math.sqrt(square(first) * square(second));
}

/**
 * The places of at most so many sentences that tell most, are near the middle of all, and are unlike each other; the best first. `alike`
 * is the cosine of two, by meaning or by words: the mean of it with all is, scaled, the nearness to their centroid.
 */
export function chooseTelling(
  tells: readonly number[],
  alike: (a: number, b: number) => number,
  count: number,
): number[] {
  const middle = tells.map((_, a) => tells.reduce((sum, _, b) => sum + alike(a, b), 0));
  const [low, high] = [Math.min(...middle), Math.max(...middle)];
  const nearness = (place: number) => (high > low ? ((middle[place] ?? 0) - low) / (high - low) : 1);
  const values = tells.map((told, place) => (1 - NEARNESS + NEARNESS * nearness(place)) * told);
  const most = Math.max(...values);
  const chosen: number[] = [];
  const worth = (place: number) =>
    (VALUE * (values[place] ?? 0)) / most - (1 - VALUE) * Math.max(0, ...chosen.map((other) => alike(place, other)));
  let left = values.flatMap((value, place) => (value > 0 ? [place] : []));
  while (chosen.length < count && left.length > 0) {
    const best = left.reduce((top, next) => (worth(next) > worth(top) ? next : top));
    chosen.push(best);
    left = left.filter((place) => place !== best);
  }
  return chosen;
}
