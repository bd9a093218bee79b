import { termsOf } from './terms.ts';
import { daysOf, figureOf, MONTH } from './told.ts';

/** What a value tells; two values of different kinds say nothing about each other. */
export const valueKinds = ['money', 'percent', 'date', 'time', 'weekday', 'version', 'number', 'name'] as const;
export type ValueKind = (typeof valueKinds)[number];

/** Something that a text states, and that another may state otherwise. */
export interface Value {
  readonly kind: ValueKind;
  /** In a form in which two can be compared: `24 mar`, `14:05`, `30`, `joan tulley`. */
  readonly value: string;
  /** What a bare number counts or numbers, as stems: "30 nodes", "port 8090". Empty for other kinds. */
  readonly units: readonly string[];
  /** Where it stands in the text. */
  readonly at: number;
}

const TENS = 'twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety';
const NUMBER_WORD = `(?:${TENS})(?:-[a-z]{3,5})?|(?:thir|four|fif|six|seven|eigh|nine)teen|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twice|hundred|thousand|million`;

/** Each takes what a later one would find a piece of. Repetitions are bounded, so that no text makes a match slow. */
const FIGURES: Readonly<Record<Exclude<ValueKind, 'name'>, string>> = {
  money: String.raw`[€$£¥]\s?\d[\d.,]{0,14}(?:\s?(?:k|m|bn|thousand|million)\b)?|\b\d[\d.,]{0,14}\s?(?:EUR|USD|GBP|euros?|dollars?|pounds?|cents?)\b`,
  percent: String.raw`\b\d{1,9}(?:[.,]\d{1,6})?\s?(?:%|per ?cent\b)`,
  date: String.raw`\b\d{4}-\d\d-\d\d\b|\b\d{1,2}(?:st|nd|rd|th)?(?: of)? ${MONTH}\b|\b${MONTH}\.? \d{1,2}(?:st|nd|rd|th)?\b(?![:.]\d)`,
  time: String.raw`(?<![\d:.])\d{1,2}:\d\d(?::\d\d)?(?: ?[ap]\.?m\b)?(?![\d:])|\b\d{1,2}(?:\.\d\d)? ?[ap]\.?m\b|\b(?:noon|midnight)\b|(?<=\b(?:at|by|from|to|till|until) )(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?= o'clock\b| in the (?:morning|afternoon|evening)\b| (?:on|in)\b|[.,;!?]|$)`,
  weekday: String.raw`\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b`,
  version: String.raw`\bv\d{1,5}(?:\.\d{1,5}){0,3}\b|(?<![\d.])\d{1,5}(?:\.\d{1,5}){2,3}(?:-[\w.]{1,20})?\b(?!\.\d)`,
  number: String.raw`(?<![\p{L}\p{N}_.,-])\d{1,15}(?:[.,]\d{1,15}){0,5}(?![\p{L}\p{N}_]|-\p{L})|\b(?:${NUMBER_WORD})\b`,
};
const FIGURE = new RegExp(
  Object.entries(FIGURES)
    .map(([kind, pattern]) => `(?<${kind}>${pattern})`)
    .join('|'),
  'giu',
);
const CAPITAL = String.raw`\p{Lu}[\p{L}\p{N}&]*(?:[-’'][\p{Lu}\p{N}][\p{L}\p{N}]*)*`;
const NAME = new RegExp(String.raw`(?<![\p{L}\p{N}_’'-])${CAPITAL}(?: ${CAPITAL}){0,4}`, 'gu');
const NO_NAME = /^(?:i|ok|todo|am|pm|utc|(?:mon|tues|wednes|thurs|fri|satur|sun)days?)$/;
const CALENDAR = new RegExp(`^${MONTH}$`);

/** The values of a text, in their order. A capital that opens a sentence makes no name by itself. */
export function findValues(text: string): Value[] {
  return [...findFigures(text), ...findNames(text)].sort((a, b) => a.at - b.at);
}

/** A value of the newer text in whose place the older one has another: of one kind, and of numbers with one unit. */
export function findDifference(older: readonly Value[], newer: readonly Value[]): Value | undefined {
  return newer.find((value) => {
    const alike = older.filter((other) => isAlike(value, other));
    return alike.length > 0 && alike.every((other) => other.value !== value.value);
  });
}

/** Whether two values could stand in the same place. */
function isAlike(a: Value, b: Value): boolean {
  return a.kind === b.kind && (a.kind !== 'number' || a.units.some((unit) => b.units.includes(unit)));
}

function findFigures(text: string): Value[] {
  return Array.from(text.matchAll(FIGURE), ({ 0: found, index, groups }) => {
    const kind = valueKinds.find((each) => groups?.[each] !== undefined) ?? 'number';
    const units = kind === 'number' ? unitsOf(text, index, index + found.length) : [];
    return { kind, value: normalise(kind, found.toLowerCase()), units, at: index };
  });
}

function unitsOf(text: string, from: number, to: number): string[] {
  if (/\p{L}:$/u.test(text.slice(Math.max(0, from - 2), from))) return ['port']; // http://wren:8081
  const [before] = /[\p{L}’']+[ #]{1,2}$/u.exec(text.slice(Math.max(0, from - 30), from)) ?? [''];
  const [after] = /^[ -]?[\p{L}’']+/u.exec(text.slice(to, to + 30)) ?? [''];
  return termsOf(`${before} ${after}`);
}

function normalise(kind: ValueKind, found: string): string {
  switch (kind) {
    case 'date':
      return dayOf(found);
    case 'time':
      return timeOf(found);
    case 'weekday':
      return found.replace(/s$/, '');
    case 'number':
      return /\d/.test(found) ? plain(found) : numberOf(found);
    case 'money':
    case 'percent':
      return plain(found.replaceAll(/\s|[.,]+$/g, '').replace(/per ?cent/, '%'));
    case 'version':
    case 'name':
      return found.replace(/^v(?=\d)/, '');
  }
}

/** Without separators of thousands, and without the zeros after a point. */
const plain = (figure: string) => figure.replaceAll(/,(?=\d{3}(?:\D|$))/g, '').replace(/\.0+(?=\D|$)/, '');

function numberOf(words: string): string {
  const [tens = '', ones] = words.split('-');
  const figure = figureOf(tens) ?? tens;
  return ones === undefined ? figure : String(Number(figure) + Number(ones === 'one' ? 1 : (figureOf(ones) ?? 0)));
}

function dayOf(found: string): string {
  const iso = new Date(found);
  if (!/^\d{4}/.test(found) || Number.isNaN(iso.getTime())) return daysOf(found)[0] ?? found;
  const month = iso.toLocaleDateString('en-GB', { month: 'short', timeZone: 'UTC' }).slice(0, 3).toLowerCase();
  return `${String(iso.getUTCDate())} ${month}`;
}

function timeOf(found: string): string {
  if (found === 'noon') return '12:00';
  if (found === 'midnight') return '00:00';
  if (!/^\d/.test(found)) return `${(found === 'one' ? '1' : (figureOf(found) ?? '')).padStart(2, '0')}:00`;
  const [, hour = '0', minute = '00', half] = /^(\d{1,2})(?:[:.](\d\d))?[^ap]*([ap])?/.exec(found) ?? [];
  const hours = (Number(hour) % (half === undefined ? 24 : 12)) + (half === 'p' ? 12 : 0);
  return `${String(hours).padStart(2, '0')}:${minute}`;
}

function findNames(text: string): Value[] {
  return Array.from(text.matchAll(NAME)).flatMap(({ 0: found, index }) => {
    const words = found.split(' ');
    const opens = /(?:^|[.!?:;\n"“(–-]\s*)$/.test(text.slice(Math.max(0, index - 4), index));
    const isOwner = /^[’']s\b/.test(text.slice(index + found.length));
    // "Then Joan called": what opens a sentence and says nothing is no part of a name.
    const told = opens && termsOf(words[0] ?? '').length === 0 ? words.slice(1) : words;
    const value = told.join(' ').toLowerCase();
    const isNone = value === '' || NO_NAME.test(value) || CALENDAR.test(value) || termsOf(value).length === 0;
    if (isNone || (opens && words.length === 1 && !isOwner)) return [];
    return [{ kind: 'name' as const, value, units: [], at: index + found.length - told.join(' ').length }];
  });
}
