import { expect, test } from 'vitest';
import { plot } from '../../report/plot.ts';

const DAY = 86_400_000;
const START = Date.parse('2026-03-02T00:00:00Z');
const points = (...values: readonly number[]) => values.map((value, day) => ({ at: START + day * DAY, value }));
const brackets = (text: string) => `[${text}]`;

test('a curve is an area of blocks above its days, with what comes after now set apart', () => {
  const lines = plot(points(1, 0.9, 1, 0.9, 0.8), { width: 25, rows: 2, now: START + 2 * DAY, dim: brackets });
  expect(lines).toEqual([
    '1.00┤█████     [█████     ]',
    '    ┤██████████[█████████ ]',
    '0.80└────────────────────',
    '     2026-03-02 2026-03-06',
  ]);
});

test('it is as wide as it may be, and says where now is when there is room for that', () => {
  const lines = plot(points(...Array.from({ length: 30 }, () => 1)), {
    width: 59,
    rows: 1,
    now: START + 15 * DAY,
    dim: String,
  });
  expect(lines).toEqual([
    `1.00┤${'█'.repeat(54)}`,
    `0.90└${'─'.repeat(54)}`,
    `     2026-03-02${' '.repeat(16)}now${' '.repeat(15)}2026-03-31`,
  ]);
});
