import { expect, test } from 'vitest';
import { describeTime } from '../../commands/schedules.ts';

test('a time of a schedule names its zone, since the night may be in another', () => {
  expect(describeTime('2026-11-28T03:04:00.000Z')).toBe('2026-11-28 03:04 UTC');
  expect(describeTime(null)).toBe('-');
});
