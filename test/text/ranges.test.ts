import { expect, test } from 'vitest';
import { findRange } from '../../text/ranges.ts';

/** A Thursday. */
const NOW = new Date('2026-03-19T10:00:00Z');

test.each([
  ['What did we decide on 4 March 2026?', '2026-03-04', '2026-03-05'],
  ['What happened yesterday?', '2026-03-18', '2026-03-19'],
  ['Who called on Monday?', '2026-03-16', '2026-03-17'],
  ['Who called on Friday?', '2026-03-13', '2026-03-14'],
  ['What did I read in January?', '2026-01-01', '2026-02-01'],
  ['What did I read in November?', '2025-11-01', '2025-12-01'],
  ['Where did we go in 2023?', '2023-01-01', '2024-01-01'],
  ['What broke last week?', '2026-03-09', '2026-03-16'],
  ['What broke last month?', '2026-02-01', '2026-03-01'],
  ['What was planned last year?', '2025-01-01', '2026-01-01'],
  ['What happened this morning?', '2026-03-19', '2026-03-20'],
  ['What did we do on the weekend of 3 July?', '2025-07-03', '2025-07-04'],
  ['What happened between 2 May and 5 June 2023?', '2023-05-02', '2023-06-06'],
  ['What happened from 2 May to 5 June 2023?', '2023-05-02', '2023-06-06'],
  ['Who was there in summer 2021?', '2021-01-01', '2022-01-01'],
])('%s names the time from %s until %s', (question, from, until) => {
  const range = findRange(question, NOW);
  expect(range && [range.from, range.until].map((each) => new Date(each).toISOString().slice(0, 10))).toEqual([
    from,
    until,
  ]);
});

test.each([
  'What time is the morning meeting?',
  'What do we eat at noon?',
  'Why is nothing released before the weekend?',
  'Who stays for 3 weeks?',
  'How many of the 10/12 tests pass?',
  'Who may open the hall?',
  'Which port does staging use?',
  'Is it done now?',
  '',
  '🙂',
  'select 1',
])('%s names none', (question) => {
  expect(findRange(question, NOW)).toBeNull();
});
