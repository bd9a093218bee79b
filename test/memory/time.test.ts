import { describe, expect, test } from 'vitest';
import { parseTime } from '../../memory/time.ts';
import { cycleInputSchema, stageInputSchema } from '../../memory/types.ts';

describe('a time with a zone comes in as UTC, to the millisecond', () => {
  test.each([
    ['2026-03-05T03:00:00Z', '2026-03-05T03:00:00.000Z'],
    ['2026-03-05T03:00Z', '2026-03-05T03:00:00.000Z'],
    ['2026-03-05T03:00:00.123456Z', '2026-03-05T03:00:00.123Z'],
    ['2026-03-05T03:00:00+01:00', '2026-03-05T02:00:00.000Z'],
    ['2026-03-05T23:30:00-05:45', '2026-03-06T05:15:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ])('%s is %s', (text, utc) => {
    expect(parseTime(text)).toBe(utc);
    expect(stageInputSchema.parse({ asOf: text })).toEqual({ asOf: utc });
  });
});

describe('refused, wherever a time comes in, is', () => {
  test.each([
    ['no zone', '2026-03-05T03:00:00'],
    ['a day alone, which has no zone', '2026-03-05'],
    ['30 February', '2026-02-30T03:00:00Z'],
    ['29 February of a common year', '2026-02-29T03:00:00Z'],
    ['31 April', '2026-04-31T03:00:00+02:00'],
    ['month 13', '2026-13-01T03:00:00Z'],
    ['24 o’clock', '2026-03-05T24:00:00Z'],
    ['25 o’clock', '2026-03-05T25:00:00Z'],
    ['minute 60', '2026-03-05T03:60:00Z'],
    ['a leap second', '2016-12-31T23:59:60Z'],
    ['a zone of 25 hours', '2026-03-05T03:00:00+25:00'],
    ['the name of a zone', '2026-03-05T03:00:00 Europe/Berlin'],
    ['a blank for the T', '2026-03-05 03:00:00Z'],
    ['what Date would read', 'March 5, 2026 UTC'],
    ['a number', '1772679600000'],
    ['more after it', '2026-03-05T03:00:00Z\n'],
    ['nothing', ''],
  ])('%s: "%s"', (_, text) => {
    expect(() => parseTime(text)).toThrow(new RangeError('ISO 8601 with a zone, such as 2026-03-05T03:00:00Z'));
    expect(cycleInputSchema.safeParse({ asOf: text }).error?.issues).toMatchObject([
      { path: ['asOf'], message: 'expected an ISO 8601 time with a zone, such as 2026-03-05T03:00:00Z' },
    ]);
  });

  test.each(['0000-12-31T00:00:00Z', '0001-01-01T00:00:00+01:00', '9999-01-01T00:00:00Z', '9998-12-31T23:00:00-01:00'])(
    'a year that a database cannot hold in every zone: %s',
    (text) => {
      expect(() => parseTime(text)).toThrow(new RangeError('a year from 0001 to 9998, in UTC'));
    },
  );
});
