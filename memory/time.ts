const ISO = /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/**
 * A time as ISO 8601 in UTC, to the millisecond: the only way in which a time that somebody wrote comes in. A day alone is refused,
 * and a time without a zone: they would mean another moment on every machine. So are days and hours that no calendar has: `Date`
 * makes 2 March of 30 February, and the next day of 24:00.
 * @throws RangeError whose message is what was expected
 */
export function parseTime(text: string): string {
  const [, day] = ISO.exec(text) ?? [];
  if (day === undefined || !isDay(day)) throw new RangeError('ISO 8601 with a zone, such as 2026-03-05T03:00:00Z');
  const time = new Date(text);
  const year = time.getUTCFullYear();
  // Four digits in every zone, for PostgreSQL and DuckDB alike.
  if (year < 1 || year > 9998) throw new RangeError('a year from 0001 to 9998, in UTC');
  return time.toISOString();
}

function isDay(day: string): boolean {
  const time = new Date(day);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(day);
}
