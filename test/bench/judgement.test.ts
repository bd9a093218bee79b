import { describe, expect, test } from 'vitest';
import { judge } from '../../bench/judgement.ts';
import { aucOf, groupBy, lostAmongLowest, type Judged } from '../../bench/judgement.worth.ts';

const judged = (...pairs: readonly (readonly [needed: boolean, value: number])[]): Judged[] =>
  pairs.map(([needed, value], at) => ({ id: `m${String(at)}`, needed, signals: { value } }));

describe('the chance that what is needed stands above what is not', () => {
  test.each([
    ['1 when all that is needed stands above', judged([true, 3], [true, 2], [false, 1]), 1],
    ['0 when it stands below', judged([true, 1], [false, 2], [false, 3]), 0],
    ['a half when all stand alike', judged([true, 7], [false, 7], [false, 7]), 0.5],
    ['of pairs, those that stand alike for a half', judged([true, 2], [false, 1], [false, 2], [false, 3]), 0.5],
    ['of three of four pairs', judged([true, 4], [true, 2], [false, 3], [false, 1]), 0.75],
    ['none where nothing is needed', judged([false, 1], [false, 2]), null],
    ['none where everything is', judged([true, 1]), null],
  ])('is %s', (_, memories, expected) => {
    expect(aucOf(memories, 'value')).toBe(expected);
    expect(aucOf(memories.toReversed(), 'value')).toBe(expected);
  });

  test('is that of a count by pairs, whatever the numbers', () => {
    const memories = judged(...Array.from({ length: 60 }, (_, at) => [at % 7 < 3, (at * 37) % 11] as const));
    const [needed, others] = [true, false].map((is) => memories.filter((memory) => memory.needed === is));
    const above = (needed ?? []).flatMap(({ signals: { value: a = 0 } }) =>
      (others ?? []).map(({ signals: { value: b = 0 } }) => (a > b ? 1 : a === b ? 0.5 : 0)),
    );
    expect(aucOf(memories, 'value')).toBeCloseTo(above.reduce<number>((sum, one) => sum + one, 0) / above.length, 3);
  });
});

describe('what is lost with the lowest', () => {
  const memories = judged([true, 5], [false, 1], [true, 2], [false, 3], [true, 4]);

  test('is the share of all that is needed', () => {
    expect([0, 1, 2, 5].map((count) => lostAmongLowest(memories, 'value', count))).toEqual([0, 0, 0.333, 1]);
  });

  test('is the same in whatever order equals come', () => {
    const equal = judged([true, 1], [false, 1], [true, 1], [false, 1]);
    expect(lostAmongLowest(equal, 'value', 2)).toBe(lostAmongLowest(equal.toReversed(), 'value', 2));
  });
});

test('members of a group keep their order, and groups stand by name', () => {
  expect([...groupBy(['bat', 'ant', 'bee'], (word) => word.slice(0, 1))]).toEqual([
    ['a', ['ant']],
    ['b', ['bat', 'bee']],
  ]);
});

test('links, fates, tags and gists are held against the memories that questions need', () => {
  const memory = (id: string, content: string, more: object) => ({
    ...{
      id,
      content,
      agent: 'ada',
      importance: 0.5,
      arousal: 0,
      novelty: 0,
      priority: 0,
      slot: true,
      retrievability: 0.9,
    },
    ...{
      stability: 1,
      cortical: 0,
      fate: 'hippocampal_retention' as const,
      why: 'still',
      tagged: false,
      replays: 0,
      ...more,
    },
  });
  const lived = {
    memories: [
      memory('a', 'The gate has the code 4712. It squeaks.', { importance: 0.9, tagged: true }),
      memory('b', 'The key is with Ottoline.', { importance: 0.8, agent: 'bob' }),
      memory('c', 'Rain.', { importance: 0.1, fate: 'rapid_forgetting' as const, why: 'low' }),
    ],
    links: [
      { src: 'a', dst: 'b' },
      { src: 'a', dst: 'c' },
    ],
    learned: [{ what: 'gist', content: 'The gate has the code 4712. (also: rain)', members: ['c', 'a'] }],
  };
  const found = judge(lived, [{ question: 'How does one get in?', answers: ['a', 'b'], stale: [] }]);
  expect(found.auc).toMatchObject({ importance: 1, fate: 1, retrievability: 0.5 });
  expect(found.lost.archived).toMatchObject({ memories: 1, lost: 0, 'fewest words': 0 });
  expect(found.rates).toMatchObject({ average: { memories: 3, needed: 0.667 }, tagged: { memories: 1, needed: 1 } });
  expect(found.links).toMatchObject({ links: 2, joined: 1, 'per 1,000': 500, 'across agents': 0.5 });
  expect(found.learned).toMatchObject({ gist: { texts: 1, told: 1, needed: 1, members: 0.5 } });
});
