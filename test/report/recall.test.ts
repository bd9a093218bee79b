import { expect, test } from 'vitest';
import { printRecall } from '../../report/recall.ts';

const answer = (reasons: Record<string, number>, retrievability: number | null = 0.754) => ({
  ...{ question: 'q', asOf: '2026-03-31T00:00:00.000Z' },
  results: [
    {
      ...{ id: 'm1', content: 'The gate\nis open', agent: 'scout', createdAt: '2026-03-18T16:05:00.000Z' },
      ...{ score: 1, retrievability, fate: null, reasons },
    },
  ],
});

const feedback = (id: string) => `feedback ${id}`;

test('a memory is told with when, by whom, how well it is remembered, and its three best reasons', () => {
  const reasons = { words: 0.2, meaning: 2, length: 0.1, date: 0.5, asks: -0.75 };
  expect(printRecall(answer(reasons), { colour: false, explain: false, feedback })).toBe(
    [
      ' 1  The gate is open',
      '    2026-03-18 16:05 UTC, scout, retrievability 0.75',
      '    by meaning, date, words',
      '    m1',
    ].join('\n'),
  );
});

test('with --explain every part is told, also what counted against it', () => {
  expect(printRecall(answer({ words: 0.2, asks: -0.75 }), { colour: false, explain: true, feedback })).toContain(
    'words 0.20  asks -0.75',
  );
});

test('before its first night a memory has no strength, and no answer is one sentence', () => {
  expect(printRecall(answer({ words: 1 }, null), { colour: false, explain: false, feedback })).toContain(
    'not slept on yet',
  );
  expect(printRecall({ ...answer({}), results: [] }, { colour: false, explain: false, feedback })).toBe(
    'Nothing that was remembered answers that.',
  );
});

test('an outdated memory is told with what replaced it, one that is written often with how often', () => {
  const { results, ...others } = answer({ meaning: 1, ownMeaning: 1, newer: 1.5 });
  const supersededBy = { id: 'm2', createdAt: '2026-03-25T10:31:00.000Z', sentence: 'The gate is shut.' };
  const told = { ...others, results: results.map((each) => ({ ...each, supersededBy, duplicates: 3 })) };
  expect(printRecall(told, { colour: false, explain: false, feedback }).split('\n').slice(1, 4)).toEqual([
    '    2026-03-18 16:05 UTC, scout, retrievability 0.75, 3 more that say the same',
    '    by newer than what is below it, meaning',
    '    outdated, on 2026-03-25 10:31 UTC: The gate is shut.',
  ]);
});
