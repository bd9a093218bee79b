import { stemsOf } from './sentences.ts';

/** What some texts tell, to hold a summary of them against. */
export interface Told {
  /** All of it, lower case. */
  readonly text: string;
  /** Its words, lower case, without 's. */
  readonly words: ReadonlySet<string>;
  readonly stems: () => ReadonlySet<string>;
  /** Its figures as `figuresOf` gives them. */
  readonly figures: ReadonlySet<string>;
  /** Its days of a month, such as `2 mar`. */
  readonly days: ReadonlySet<string>;
}

/** A word where it stands. */
export interface Token {
  readonly word: string;
  readonly at: number;
}

const FIGURE = /\d+(?:[.,:/-]\d+)*/g;
const WORD = /\p{L}[\p{L}\p{M}]*(?:['’]\p{L}+)?/gu;
const MONTHS = 'january february march april may june july august september october november december'.split(' ');
export const MONTH = `(?:${MONTHS.map((name) => `${name.slice(0, 3)}(?:${name.slice(3)})?`).join('|')}|sept)`;
const DAY_FIRST = new RegExp(String.raw`\b(\d{1,2})(?:st|nd|rd|th)?(?: of)? (${MONTH})\b`, 'g');
const MONTH_FIRST = new RegExp(String.raw`\b(${MONTH})\.? (\d{1,2})(?:st|nd|rd|th)?\b(?![:.]\d)`, 'g');

const SMALL = 'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen';
const NUMBERS = new Map([
  ...`${SMALL} seventeen eighteen nineteen twenty`.split(' ').map((word, value) => [word, String(value)] as const),
  ...['thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'].map(
    (word, index) => [word, String(30 + 10 * index)] as const,
  ),
  ...([
    ['twice', '2'],
    ['thrice', '3'],
    ['dozen', '12'],
    ['dozens', '12'],
    ['hundred', '100'],
    ['hundreds', '100'],
  ] as const),
  ...([
    ['thousand', '1000'],
    ['thousands', '1000'],
    ['million', '1000000'],
    ['millions', '1000000'],
  ] as const),
  ...'third fourth fifth sixth seventh eighth ninth tenth'
    .split(' ')
    .map((word, index) => [word, String(index + 3)] as const),
]);
/** "One of them" counts nothing. */
NUMBERS.delete('one');

/** The figure of a number in words, in lower case: `twelve`; undefined for other words. */
export const figureOf = (word: string): string | undefined => NUMBERS.get(word);

export const tokensOf = (text: string): Token[] =>
  [...text.matchAll(WORD)].map(({ 0: word, index }) => ({ word: word.replace(/['’]s?$/, ''), at: index }));

/** How a figure may be written as well: without separators of thousands or leading zeros, and by the parts of a time or span. */
const spellings = (figure: string): string[] =>
  [figure, ...figure.split(/[:/-]/)].map((each) => each.replace(/,(?=\d{3}(?:\D|$))/g, '').replace(/^0+(?=\d)/, ''));

/** The figures of a text, and its numbers in words as figures. */
export function figuresOf(text: string): { readonly written: string; readonly figure: string }[] {
  const figures = [...text.matchAll(FIGURE)].map(({ 0: written }) => ({
    written,
    figure: spellings(written)[0] ?? written,
  }));
  const words = tokensOf(text).map(({ word }) => ({ written: word, figure: figureOf(word.toLowerCase()) ?? '' }));
  return [...figures, ...words.filter(({ figure }) => figure !== '')];
}

/** Days of a month in words, such as `2 mar` of "March 2nd". */
export function daysOf(text: string): string[] {
  const lower = text.toLowerCase();
  const first = [...lower.matchAll(DAY_FIRST)].map(([, day, name]) => [day, name] as const);
  const second = [...lower.matchAll(MONTH_FIRST)].map(([, name, day]) => [day, name] as const);
  return [...first, ...second].map(([day, name = '']) => `${String(Number(day))} ${name.slice(0, 3)}`);
}

const LONG = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' } as const;

/** A date in figures may be told in words. */
function inWords(text: string): string {
  const dates = [...new Set(text.match(/\b\d{4}-\d{2}-\d{2}(?!\d)/g))].map((iso) => new Date(iso));
  const written = dates
    .filter((date) => !Number.isNaN(date.getTime()))
    .map((date) => date.toLocaleDateString('en-GB', LONG));
  return written.join('\n');
}

export function readTold(texts: readonly string[]): Told {
  const written = texts.join('\n');
  const text = `${written}\n${inWords(written)}`.toLowerCase();
  const words = new Set(tokensOf(text).map(({ word }) => word));
  const figures = figuresOf(text).flatMap(({ written, figure }) => [figure, ...spellings(written)]);
  let stems: ReadonlySet<string> | undefined;
  return {
    ...{ text, words, figures: new Set(figures), days: new Set(daysOf(text)) },
    stems: () => (stems ??= new Set(stemsOf([...words]))),
  };
}

/** Letters of scripts that put spaces between words and nothing else to them: elsewhere a name may touch the next word. */
const LETTER = String.raw`\p{N}\p{M}_\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Georgian}`;
const ENDS_WORD = new RegExp(`[${LETTER}]$`, 'u');
const BEGINS_WORD = new RegExp(`^[${LETTER}]`, 'u');

/** Whether a part stands in a text by itself, and not as a piece of a longer word or figure. */
export function standsIn(part: string, text: string): boolean {
  for (let at = text.indexOf(part); at >= 0 && part !== ''; at = text.indexOf(part, at + 1)) {
    const [before, after] = [text.slice(Math.max(0, at - 2), at), text.slice(at + part.length, at + part.length + 2)];
    const cutsBefore = BEGINS_WORD.test(part) && ENDS_WORD.test(before);
    const cutsAfter = ENDS_WORD.test(part) && BEGINS_WORD.test(after);
    const cutsFigure =
      (/^\d/.test(part) && /\d[.,:/-]$/.test(before)) || (/\d$/.test(part) && /^[.,:/-]\d/.test(after));
    if (!cutsBefore && !cutsAfter && !cutsFigure) return true;
  }
  return false;
}

/** Characters at the end of a summary by which it is found in a text. */
const TAIL = 40;

/**
 * A summary without the last word where that is the text's own and cut off, as a grammar cuts at the longest that a field may
 * be: "together with Tom", of Tomasz, would be a name that nobody told.
 */
export function withoutCutWord(summary: string, texts: readonly string[]): string {
  const text = texts.join('\n').toLowerCase();
  const end = summary
    .slice(-TAIL)
    .toLowerCase()
    .replace(/^\S*\s+/, '');
  const isCut = /\s/.test(end) && text.includes(end) && !standsIn(end, text);
  return isCut ? summary.replace(/\s*\S+$/, '') : summary;
}
