import type { Range } from '../text/ranges.ts';
import type { Scope } from './scope.ts';

const DAY_MS = 86_400_000;
/** Days over which nearness to a day, or to a month, falls to 1/e; to a year. */
const NEAR_DAYS = 7;
const NEAR_YEAR_DAYS = 90;

/** 1 for memories written in the span, else the less the farther away. */
export function scoreDates({ createdAt }: Scope, range: Range | null): Float64Array {
  if (range === null) return new Float64Array(createdAt.length);
  const tau = range.until - range.from > 200 * DAY_MS ? NEAR_YEAR_DAYS : NEAR_DAYS;
  return createdAt.map((time) => Math.exp(-daysAway(time, range) / tau));
}

/** 1 for memories that mention a day of the span. */
export function scoreMentionedDates(scope: Scope, range: Range | null): Float64Array {
  if (range === null) return new Float64Array(scope.size);
  const [first, last] = [Math.floor(range.from / DAY_MS), Math.ceil(range.until / DAY_MS) - 1];
  const isNamed = (day: number) => day >= first && day <= last;
  return new Float64Array(scope.size).map((_, index) => (scope.daysOf(index).some(isNamed) ? 1 : 0));
}

function daysAway(time: number, { from, until }: Range): number {
  if (time < from) return (from - time) / DAY_MS;
  return time < until ? 0 : (time - until) / DAY_MS;
}
