import type { ParsedComponents } from 'chrono-node';
import { loadChrono } from './libraries.ts';

const DAY_MS = 86_400_000;

/** Without one of these a text names no time, and the parser, which takes a tenth of a second to load, is not needed. */
const HINT =
  /\d|\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)\w*\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:today|yesterday|tomorrow|tonight|ago|last|past|previous|this|next|week|month|year|weekend|morning|evening|noon|christmas|easter)\b/i;
/** In lower case they are verbs and other words more often than times; and what is now is no time that one looks back to. */
const NO_TIME = /^(?:may|march|mar|sat|sun|wed|now|right now)$/;
const SPAN = /\b(this|last|past|previous)\s+(week|month|year)\b/i;
const YEAR = /\b(?:in|during|of|from|year)\s+((?:19|20)\d\d)\b/i;

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
  const found = loadChrono()
    .en.casual.parse(text, { instant: now, timezone: 0 })
    .find((result) => !NO_TIME.test(result.text));
  if (found === undefined) return yearOf(Number(YEAR.exec(text)?.[1]));
  const first = spanOf(found.start, now);
  return found.end ? { from: first.from, until: spanOf(found.end, now).until } : first;
}

function spanOf(at: ParsedComponents, now: Date): Range {
  const [year, month, day] = [at.get('year') ?? now.getUTCFullYear(), (at.get('month') ?? 1) - 1, at.get('day') ?? 1];
  const isFuture = Date.UTC(year, month, at.isCertain('day') ? day : 1) > now.getTime() && !at.isCertain('year');
  if (at.isCertain('weekday') && !at.isCertain('day')) {
    const from = Date.UTC(year, month, day);
    return dayFrom(from > now.getTime() ? from - 7 * DAY_MS : from);
  }
  if (at.isCertain('month') && !at.isCertain('day')) return monthOf(isFuture ? year - 1 : year, month);
  return dayFrom(Date.UTC(isFuture ? year - 1 : year, month, day));
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
