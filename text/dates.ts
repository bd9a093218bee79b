import type { ParsedComponents, ParsedResult } from 'chrono-node';
import { loadChrono } from './libraries.ts';
import { isPast } from './grammar.ts';
import { clip, plainOf, type Sentence } from './sentences.ts';

/** A day or month that a sentence names. `iso` is YYYY-MM-DD, or YYYY-MM when only the month is known. */
export interface Mention {
  readonly iso: string;
  readonly label: string;
  /** Whether the words before it set a limit or a plan ("by", "until", "due"), rather than tell when something was. */
  readonly ahead: boolean;
}

/** When and where a memory was written. */
export interface Moment {
  /** ISO, UTC. */
  readonly createdAt: string;
  /** IANA name, such as Europe/Berlin; UTC stands in for a name that is not known. */
  readonly timezone: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone);
  if (known) return known;
  const options = {
    timeZone: timezone,
    timeZoneName: 'longOffset',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  } as const;
  const made = new Intl.DateTimeFormat('en-CA', options);
  // A profile has one time zone; a caller with thousands of them must not fill the memory.
  if (formats.size < 50) formats.set(timezone, made);
  return made;
}

/** Minutes east of UTC at that moment; 0 for a zone that does not exist. */
function offsetAt(instant: Date, timezone: string): number {
  try {
    const name =
      format(timezone)
        .formatToParts(instant)
        .find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign, hours, minutes] = /GMT([+-])(\d{2}):(\d{2})/.exec(name) ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
  } catch {
    return 0;
  }
}

/** Midnight UTC; not `Date.UTC`, which takes the years 0 to 99 for 1900 to 1999. */
const day = (year: number, month: number, date: number) => new Date(new Date(0).setUTCFullYear(year, month - 1, date));
const isoDay = (date: Date) => date.toISOString().slice(0, 10);
const numbers = (parts: ParsedComponents) =>
  [parts.get('year') ?? 0, parts.get('month') ?? 1, parts.get('day') ?? 1] as const;

/** Words that chrono reads as dates and people rarely mean as such. */
function isNoDate(found: ParsedResult): boolean {
  const { text, start } = found;
  if (
    /^(?:just )?now$/i.test(text) ||
    /(?:^|\s)(?:sat|sun|mon|wed|may|mar|march)\.?$/.test(text) ||
    /\b(?:minutes?|hours?|seconds?|mins?|hrs?|secs?)\b/i.test(text)
  )
    return true;
  if (found.tags().has('parser/SlashDateFormatParser') && !start.isCertain('year')) return true; // "10/12 passed"
  return (
    !['day', 'weekday', 'month'].some((part) => start.isCertain(part as 'day')) &&
    !/\b(?:morning|afternoon|evening|noon|tonight)\b/i.test(text)
  );
}

const aheadBefore =
  /\b(?:by|before|until|till|due|due on|for|from|to|deadline|no later than|on or before)\s+(?:the\s+|this\s+|coming\s+)?$/i;

/** A bare weekday is the nearest one for chrono; what a plan names lies ahead, what a report names lies behind. */
function resolveDate(
  date: Date,
  start: ParsedComponents,
  now: Date,
  ahead: boolean,
  past: boolean,
  text: string,
): Date {
  if (!start.isCertain('weekday') || start.isCertain('day') || /\b(?:next|last|past|this)\b/i.test(text)) return date;
  const week = ahead && date < now ? 7 : !ahead && past && date > now ? -7 : 0;
  return new Date(date.getTime() + week * 86_400_000);
}

function mentions(found: ParsedResult, text: string, now: Date, past: boolean): Mention[] {
  if (isNoDate(found)) return [];
  const ahead =
    aheadBefore.test(text.slice(Math.max(0, found.index - 24), found.index)) ||
    /^(?:by|before|until|due)\b/i.test(found.text);
  return [found.start, found.end].flatMap((parts, index) => {
    if (!parts) return [];
    if (parts.isCertain('month') && !parts.isCertain('day'))
      return [{ iso: isoDay(day(...numbers(parts))).slice(0, 7), label: found.text, ahead }];
    const date = resolveDate(day(...numbers(parts)), parts, now, ahead || index > 0, past, found.text);
    return Number.isNaN(date.getTime()) || date.getTime() > 253_402_300_799_999 || date.getUTCFullYear() < 0
      ? []
      : [{ iso: isoDay(date), label: found.text, ahead: ahead || index > 0 }];
  });
}

/** The day a memory was written, in its own time zone, as midnight UTC; null when the time cannot be read. */
export function today({ createdAt, timezone }: Moment): Date | null {
  const instant = new Date(createdAt);
  if (Number.isNaN(instant.getTime())) return null;
  return new Date(Math.floor((instant.getTime() + offsetAt(instant, timezone) * 60_000) / 86_400_000) * 86_400_000);
}

/** The dates a sentence names, resolved against the memory's own time and zone. Times of day and durations are no dates. */
export function findDates(sentence: Sentence, moment: Moment): Mention[] {
  return findIn(sentence.plain, moment, () => isPast(sentence));
}

/** Characters of a text that are looked through for days without cutting it into sentences. */
const LOOKED_THROUGH = 2_000;

/**
 * The days that a text names, as days since 1970, found without the models that tag its words, which take a second to load: whether a
 * bare weekday lies behind is told by four verbs alone.
 */
export function findDays(content: string, moment: Moment): number[] {
  const plain = plainOf(clip(content, LOOKED_THROUGH));
  const found = findIn(plain, moment, () => /\b(?:was|were|had|did)\b/i.test(plain));
  const days = found.filter(({ iso }) => iso.length === 10).map(({ iso }) => Date.parse(iso) / 86_400_000);
  return [...new Set(days)].sort((a, b) => a - b);
}

function findIn(plain: string, moment: Moment, isPast: () => boolean): Mention[] {
  const now = today(moment);
  if (!now) return [];
  const instant = new Date(moment.createdAt);
  // Dotted dates put the day first wherever they are written; chrono would read them the American way.
  const text = plain.replace(
    /\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b/g,
    (_, d: string, m: string, y: string) => `${y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`,
  );
  // chrono takes the day in "from 3 May" for an hour; blanks keep the places of the words.
  const asked = text.replace(/\bfrom(?= \d)/gi, '    ');
  const results = loadChrono().parse(asked, { instant, timezone: offsetAt(instant, moment.timezone) });
  return results.flatMap((found) => mentions(found, text, now, isPast()));
}
