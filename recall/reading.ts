import { createHash } from 'node:crypto';
import { splitSpeaker } from '../text/speaker.ts';
import { numberOf, termsOf, wordsOf } from '../text/terms.ts';

/** Raised when a text is read otherwise, so that what was kept of it is made again. */
export const READING_VERSION = 2;

/** What a question looks for in a text. */
export interface RecallText {
  /** Numbers of its terms, in their order, without its speaker's name. */
  readonly terms: readonly number[];
  /** The name that opens it, in lower case, as in `Maria: I went home.`; null where none does. */
  readonly speaker: string | null;
  readonly asks: boolean;
  readonly tellsTime: boolean;
  readonly tellsNumber: boolean;
  /** The same number, below 2^48, for texts that say the same in the same words. */
  readonly wording: number;
}

const TIME =
  /\b\d{1,2}[:.]\d\d\b|\b\d{4}-\d\d-\d\d\b|\b\d{1,2} ?[ap]\.?m\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:january|february|march|april|june|july|august|september|october|november|december)\b|\b(?:today|tonight|tomorrow|yesterday|ago|weeks?|months?|years?|days?|hours?|o'clock|noon|midnight|since|until)\b/i;
const NUMBER =
  /\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|dozen|half|twice|once|couple|several)\b/i;

/** Reads a text for recall. Never throws; a text without a word has no terms. */
export function readForRecall(content: string): RecallText {
  const { speaker, said } = splitSpeaker(content);
  return {
    terms: termsOf(said).map(numberOf),
    speaker: speaker?.toLowerCase() ?? null,
    asks: /\?["”’)\s]*$/.test(said),
    tellsTime: TIME.test(said),
    tellsNumber: NUMBER.test(said),
    wording: numberWording(content),
  };
}

/** What a log tells differently each time: "finished in 42 s". */
const SECONDS = /\b\d+(?:[.,]\d+)? ?(?:ms|s|secs?|(?:milli)?seconds?)\b/gi;
const ARTICLES = new Set(['a', 'an', 'the']);

/**
 * Two texts say the same where their words do, whatever their case, articles, punctuation and numbers of seconds, also when the last
 * words of one open the other ("Overnight the line broke"). Not where words have changed places: "Ann reports to Bob". No cosine
 * would do: of forty pairs of sentences "the house is too high" and "too low" had .96, half of those that say the same less.
 */
function numberWording(content: string): number {
  const words = wordsOf(content.replace(SECONDS, '0s')).filter((word) => !ARTICLES.has(word));
  // What has no word, such as a row of emoji, says what it is.
  const said = words.length > 0 ? firstRotation(words).join(' ') : content.trim();
  return createHash('sha256').update(said).digest().readUIntBE(0, 6);
}

/** Words that have none before them in whichever order they are turned: the turn that comes first in the alphabet. */
function firstRotation(words: readonly string[]): readonly string[] {
  let [first, other, length] = [0, 1, 0];
  // Booth's comparison of two turns at a time (1980): linear, also for a word that is repeated a thousand times.
  while (first < words.length && other < words.length && length < words.length) {
    const a = words[(first + length) % words.length] ?? '';
    const b = words[(other + length) % words.length] ?? '';
    if (a === b) length += 1;
    else {
      if (a > b) first += length + 1;
      else other += length + 1;
      if (first === other) other += 1;
      length = 0;
    }
  }
  const from = Math.min(first, other);
  return [...words.slice(from), ...words.slice(0, from)];
}
