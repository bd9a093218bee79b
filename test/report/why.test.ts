import { expect, test } from 'vitest';
import type { Life } from '../../recall/why.ts';
import { printLife } from '../../report/why.ts';

const AT = '2026-03-02T09:00:00.000Z';
const strength = {
  retrievability: 0.91,
  stability: 12.34,
  difficulty: 2.1,
  hippocampal: 0.5,
  cortical: 0.4,
  state: 'episodic',
};
const life: Life = {
  ...{ id: 'gate-1', content: 'The gate code is 4711', agent: 'ada', createdAt: AT, asOf: '2026-03-10T00:00:00.000Z' },
  ...{ context: null, tags: ['door'], kind: 'note', importance: 0.7, attended: true, strength },
  fate: {
    name: 'hippocampal_retention',
    why: 'still well retrievable, limit 0.65 at need 0.70',
    since: '2026-03-03T03:00:00.000Z',
  },
  session: { id: 'e0', startedAt: AT, endedAt: '2026-03-03T00:10:00.000Z', size: 4, episodes: 2 },
  episode: {
    ...{ id: 'e1', title: 'The gate', goal: null, outcome: null },
    ...{ startedAt: AT, endedAt: '2026-03-02T09:20:00.000Z', size: 1 },
  },
  community: null,
  events: [
    { at: AT, kind: 'encode', grade: 3, events: 1, others: null },
    { at: '2026-03-03T03:00:00.000Z', kind: 'replay', grade: 3, events: 1, others: null },
    { at: '2026-03-03T03:00:00.000Z', kind: 'coactivate', grade: null, events: 1, others: 2 },
  ],
  curve: [
    { at: AT, retrievability: 1 },
    { at: '2026-04-07T00:00:00.000Z', retrievability: 0.8 },
  ],
  links: Array.from({ length: 9 }, (_, index) => ({
    ...{ id: `other-${String(index)}`, content: 'x'.repeat(200), agent: 'ada', createdAt: AT },
    ...{
      weight: index === 0 ? null : 0.5,
      activeTogether: 2,
      madeBy: ['entity', 'episode'],
      sameEpisode: true,
      bothMention: ['gate'],
    },
  })),
  supersededBy: [
    {
      ...{ id: 'gate-2', content: 'Hello. Now it is 4712.', createdAt: '2026-03-05T09:00:00.000Z' },
      ...{ sentence: 'Now it is 4712.', madeBy: 'rules#1' },
    },
  ],
  supersedes: [],
  learned: [{ id: 'g', kind: 'gist', content: 'The gate', theme: 'gate', madeBy: 'rules#1', changedAt: AT, size: 3 }],
};
const plain = { colour: false, width: 60 };

test('a person reads who, when, how strong, the fate with its rule, each event, links and what was learned', () => {
  const lines = printLife(life, plain).split('\n');
  expect(lines.slice(0, 9)).toEqual([
    'The gate code is 4711',
    '2026-03-02 09:00 UTC, ada, note, #door',
    'gate-1',
    '',
    'As of 2026-03-10 00:00 UTC',
    '  strength    retrievability 0.91, stability 12.3 days, difficulty 2.1',
    '  traces      hippocampal 0.50, cortical 0.40: episodic',
    '  attention   importance 0.70, a slot in working memory',
    '  fate        hippocampal_retention since 2026-03-03 03:00 UTC: still well retrievable, limit 0.65 at need 0.70',
  ]);
  expect(lines).toEqual(
    expect.arrayContaining([
      '  session     4 memories in 2 episodes, 2026-03-02 09:00 to 2026-03-03 00:10 UTC',
      '  episode     1 memory, 2026-03-02 09:00 to 09:20 UTC: The gate',
      '  2026-03-02 09:00 UTC  encode, grade 3',
      '  2026-03-03 03:00 UTC  replay, grade 3, active with 2 others',
      'Links (8 of 9, all with --json)',
      `   ?    ${'x'.repeat(51)}…`,
      '        other-1, made by entity and episode, same episode, 2 times active together, both mention gate',
      'Changes',
      '  outdated by  Now it is 4712.',
      '        gate-2, 2026-03-05 09:00 UTC, made by rules#1',
      '        from 3 memories, made by rules#1',
    ]),
  );
});

test('a plot is as wide as the terminal; without a time to look ahead from there is none', () => {
  expect(
    Math.max(
      ...printLife(life, plain)
        .split('\n')
        .filter((line) => line.includes('█'))
        .map((line) => line.length),
    ),
  ).toBe(60);
  expect(printLife({ ...life, curve: [], strength: null, events: [] }, plain)).not.toContain('Retrievability');
});

test('without colours no escape code is printed, and never one that a memory holds', () => {
  const hostile = { ...life, content: 'red \u001b[31m\u0007alert\n second line', tags: ['\u001b[2J'] };
  expect(printLife(hostile, plain).split('\n').slice(0, 3)).toEqual([
    'red [31malert',
    ' second line',
    '2026-03-02 09:00 UTC, ada, note, #[2J',
  ]);
  expect(printLife(hostile, plain)).not.toContain('\u001b');
  expect(printLife(hostile, { ...plain, colour: true })).toContain('\u001b[1mEvents\u001b');
});
