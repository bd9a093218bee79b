import { readAsked, type Asked } from '../text/asked.ts';
import { findRange, type Range } from '../text/ranges.ts';
import { numberOf, termsOf, wordsOf } from '../text/terms.ts';

/** A question, taken apart as far as it can be without looking at any memory. */
export interface Question {
  readonly text: string;
  /** Numbers of its terms, with their weight 1. */
  readonly terms: ReadonlyMap<number, number>;
  /** The same without the names of speakers. */
  readonly topicTerms: ReadonlyMap<number, number>;
  /** Known speakers that it names, in lower case. */
  readonly speakers: readonly string[];
  /** What it is after. It does not ask for now when it names a time that is over. */
  readonly asked: Asked;
  readonly asksWhen: boolean;
  readonly asksHowMany: boolean;
  /** The time that it names, relative to when it is asked. */
  readonly range: Range | null;
  /** Of length 1; null where nobody embeds. */
  readonly vector: Float32Array | null;
}

const WHEN = /\b(?:when|what (?:day|date|time|year|month)|which (?:day|date|year|month)|how long ago|since when)\b/i;
const HOW_MANY = /\bhow (?:many|much|often|old|long|far|large|big|high)\b|\bwhat (?:number|amount|price|percentage)\b/i;

/** Characters of a question that are looked at for its meaning and for times: more than anybody asks, and less than a model sees at once. */
export const MOST_CHARACTERS = 1_000;

/** What is known of the store that a question is asked about. */
export interface Vocabulary {
  readonly speakers: ReadonlySet<string>;
}

/** Takes a question apart. `asOf` is when it is asked, in ms since 1970: "last week" means the week before. */
export function readQuestion(
  text: string,
  { speakers }: Vocabulary,
  { asOf, vector = null }: { readonly asOf: number; readonly vector?: Float32Array | null },
): Question {
  const words = new Set(wordsOf(text).map((word) => word.replace(/'s$/, '')));
  const named = [...speakers].filter((speaker) => speaker.split(' ').every((part) => words.has(part)));
  const numbers = (terms: readonly string[]) => new Map(terms.map((term) => [numberOf(term), 1]));
  const names = new Set(named.flatMap(termsOf));
  const terms = termsOf(text);
  const beginning = text.slice(0, MOST_CHARACTERS);
  const range = findRange(beginning, new Date(asOf));
  const asked = readAsked(beginning);
  return {
    text,
    terms: numbers(terms),
    topicTerms: numbers(terms.filter((term) => !names.has(term))),
    speakers: named,
    asked: { ...asked, now: asked.now && (range === null || range.until > asOf) },
    asksWhen: WHEN.test(text),
    asksHowMany: HOW_MANY.test(text),
    range,
    vector,
  };
}
