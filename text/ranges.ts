import type { ParsedComponents, ParsedResult } from 'chrono-node';
import { loadChrono } from './libraries.ts';

const DAY_MS = 86_400_000;

/** Without one of these a text names no time, and the parser, which takes a tenth of a second to load, is not needed. */
const HINT =
  /\d|\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)\w*\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:today|yesterday|tomorrow|tonight|ago|last|past|previous|this|next|week|month|year|weekend|morning|evening|noon|christmas|easter)\b/i;
/** In lower case they are verbs and other words more often than times; and what is now is no time that one looks back to. */
const NO_TIME = /^(?:may|march|mar|sat|sun|wed|now|right now)$/;
const SPAN = /\b(this|last|past|previous)\s+(week|month|year)\b/i;
const YEAR = /\b(?:in|during|of|from|year|spring|summer|autumn|fall|winter)\s+((?:19|20)\d\d)\b/i;
const FROM_TO = /\b(?:between|from)\b.+\b(?:and|to|until|till)\b/i;
/** Without one of these words a part of the day, a weekend or a length of time is none in particular: "the morning meeting". */
const POINTING = /\b(?:this|last|past|previous|next|coming|today|tonight|yesterday|tomorrow|ago)\b/i;

/** A span of time, in milliseconds since 1970, UTC; `until` is the first moment after it. */
export interface Range {
  readonly from: number;
  readonly until: number;
}

/**
 * The span of time that a question names first, relative to a moment that counts as now; null where it names none. A bare weekday,
 * day or month means the last one: a question looks back.
 */
export function findRange(text: string, now: Date): Range | null {
  if (!HINT.test(text)) return null;
  const [, which, unit] = SPAN.exec(text) ?? [];
  if (which !== undefined && unit !== undefined) return calendarSpan(unit, /this/i.test(which) ? 0 : -1, now);
  // chrono takes the day in "from 3 May" for an hour; blanks keep the places of the words.
  const asked = text.replace(/\bfrom(?= \d)/gi, '    ');
  const found = loadChrono().en.casual.parse(asked, { instant: now, timezone: 0 }).filter(namesTime);
  const dated = found.filter(({ start }) => start.isCertain('day') || start.isCertain('month'));
  const [first, second] = dated.length > 0 ? dated : found;
  if (first === undefined) return yearOf(Number(YEAR.exec(text)?.[1]));
  const last = first.end ?? (FROM_TO.test(text) ? second?.start : undefined);
  const year = last?.isCertain('year') === true ? last.get('year') : null;
  const span = spanOf(first.start, now, year);
  return last ? { from: span.from, until: spanOf(last, now).until } : span;
}

function namesTime(found: ParsedResult): boolean {
  const { text, start } = found;
  if (NO_TIME.test(text) || /^for\b/i.test(text)) return false;
  const isCertain = (['year', 'month', 'day', 'weekday'] as const).some((part) => start.isCertain(part));
  if (/weekend/i.test(text) || !isCertain) return POINTING.test(text);
  return start.isCertain('year') || !found.tags().has('parser/SlashDateFormatParser'); // "10/12 passed"
}

/** `otherYear` is that of the other end of a span, for one that names none itself. */
function spanOf(at: ParsedComponents, now: Date, otherYear: number | null = null): Range {
  const [given, month, day] = [at.get('year') ?? now.getUTCFullYear(), (at.get('month') ?? 1) - 1, at.get('day') ?? 1];
  const isOpen = !at.isCertain('year');
  const start = Date.UTC(given, month, at.isCertain('day') ? day : 1);
  const year = isOpen ? (otherYear ?? (start > now.getTime() ? given - 1 : given)) : given;
  if (at.isCertain('weekday') && !at.isCertain('day')) {
    const from = Date.UTC(given, month, day);
    return dayFrom(from > now.getTime() ? from - 7 * DAY_MS : from);
  }
  if (at.isCertain('month') && !at.isCertain('day')) return monthOf(year, month);
  return dayFrom(Date.UTC(year, month, day));
}

function calendarSpan(unit: string, offset: number, now: Date): Range | null {
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  if (/year/i.test(unit)) return yearOf(year + offset);
  if (/month/i.test(unit)) return monthOf(year, month + offset);
  // Weeks begin on Monday, as ISO 8601 has it.
  const monday = Date.UTC(year, month, now.getUTCDate() - ((now.getUTCDay() + 6) % 7) + 7 * offset);
  return { from: monday, until: monday + 7 * DAY_MS };
}

const dayFrom = (from: number): Range => ({ from, until: from + DAY_MS });
const monthOf = (year: number, month: number): Range => ({
  from: Date.UTC(year, month),
  until: Date.UTC(year, month + 1),
});
const yearOf = (year: number): Range | null =>
  Number.isNaN(year) ? null : { from: Date.UTC(year, 0), until: Date.UTC(year + 1, 0) };
