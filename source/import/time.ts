import { parseTime } from '../../memory/time.ts';

/** Seconds since 1970 until the year 5138; larger numbers are milliseconds. */
const MOST_SECONDS = 1e11;

/**
 * A time as an export writes it, as ISO 8601 in UTC: ISO, PostgreSQL's `2026-03-01 09:30:00+01`, a day alone, or seconds or
 * milliseconds since 1970. Without a zone it is UTC. Null for what is none.
 */
export function readTime(value: unknown): string | null {
  if (typeof value === 'number') return ofNumber(value);
  if (typeof value !== 'string') return null;
  const text = value.trim();
  if (/^\d{9,14}(?:\.\d+)?$/.test(text)) return ofNumber(Number(text));
  const [, day, time = '00:00', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|UTC|[+-]\d\d(?::?\d\d)?)?)?$/i.exec(text) ?? [];
  return day === undefined ? null : attempt(`${day}T${time}${fullZone(zone)}`);
}

function ofNumber(value: number): string | null {
  const date = new Date(Math.abs(value) < MOST_SECONDS ? value * 1000 : value);
  return Number.isNaN(date.getTime()) ? null : attempt(date.toISOString());
}

function fullZone(zone: string): string {
  if (/^(?:Z|UTC)$/i.test(zone)) return 'Z';
  return `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`;
}

function attempt(text: string): string | null {
  try {
    return parseTime(text);
  } catch {
    return null;
  }
}
