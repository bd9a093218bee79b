import { describe, expect, test } from 'vitest';
import { featuresTask } from '../../activities/working-memory.features.prompt.ts';
import { aucOf } from '../../bench/judgement.worth.ts';
import { talk } from './talk.ts';

const read = (content: string) =>
  featuresTask.fallback({ content, createdAt: '2026-06-10T10:00:00Z', timezone: 'UTC', tags: [] });
const weigh = (content: string) => read(content).importance;
const namesIn = (content: string) => read(content).entities.map(({ name }) => name);

test('in a talk of two friends, what somebody asks for later is more important than what nobody does', () => {
  const turns = talk.map(({ turn, needed }) => ({ id: turn, needed, signals: { importance: weigh(turn) } }));
  expect(aucOf(turns, 'importance')).toBeGreaterThanOrEqual(0.9);
});

describe('of two sentences the one that tells more is more important', () => {
  test.each([
    ['a date', 'I gave the talk on 3 May in the library.', 'I gave the talk in the library.'],
    ['a figure', 'The repair cost us 340 euros.', 'The repair cost us money.'],
    ['a name', 'We had dinner with Ottoline at home.', 'We had dinner with them at home.'],
    ['more words', 'The roof leaks above the kitchen window when it rains.', 'The roof leaks.'],
    ['what its writer did', 'I made the bread with rye.', 'They made the bread with rye.'],
    ['no question', 'You bake the bread with rye.', 'You bake the bread with rye?'],
    ['a decision', 'We decided to sell the piano.', 'We like to play the piano.'],
  ])('%s', (_, more, less) => {
    expect(weigh(more)).toBeGreaterThan(weigh(less));
  });
});

describe('what is written by the dozen is below 0.2', () => {
  test.each(['12 of 80 folders.', 'Step 3: archive unpacked.', 'Status: nothing open.', 'Fixed a typo.'])(
    '%s',
    (line) => {
      expect(weigh(line)).toBeLessThan(0.2);
    },
  );
});

describe('length', () => {
  const sentence = (number: number) =>
    `The shelf in corridor ${'abcdefghijklmnopqrstuvwxyz'.charAt(number)} carries jars, ropes, candles and tin boxes of every colour. `;
  const words =
    'amber basil cedar dune ember fjord grove heath inlet jetty knoll lagoon meadow nook orchard pond quarry reef';

  test('says nothing of messages that are long all of them', () => {
    const [long, longer] = [words, `${words} ${words.replaceAll(/\b(?=\w)/g, 'new')} willow tarn spur`];
    expect(
      weigh(`They saw: ${longer} and more of the kind.`) - weigh(`They saw: ${long} and more of the kind.`),
    ).toBeLessThan(0.15);
    const [page, pages] = [8, 26].map((count) =>
      weigh(Array.from({ length: count }, (_, at) => sentence(at)).join('')),
    );
    expect(Math.abs((pages ?? 0) - (page ?? 0))).toBeLessThan(0.02);
  });

  test('by itself makes nothing so important that it is never archived', () => {
    expect(weigh(Array.from({ length: 26 }, (_, at) => sentence(at)).join(''))).toBeLessThan(0.8);
  });
});

describe("a speaker's name that opens a text", () => {
  test('is neither a name nor a term, and does not make it more important', () => {
    expect(namesIn('James: We painted the fence.')).toEqual(namesIn('We painted the fence.'));
    expect(weigh('Jolene: We painted the fence.')).toBe(weigh('We painted the fence.'));
  });

  test('is one where somebody else speaks of them', () => {
    expect(namesIn('James: We painted the fence with Jolene.')).toContain('jolene');
    expect(namesIn('James: We painted the fence with Jolene.')).not.toContain('james');
  });

  test.each(['Outage: the shop was down for an hour.', 'Decision: no more paper.', 'Warning: thin ice.'])(
    'is none in "%s"',
    (content) => {
      expect(weigh(content)).toBeGreaterThanOrEqual(weigh(content.replace(/^\w+: /, '')));
      expect(content.startsWith(read(content).gist.slice(0, 5))).toBe(true);
    },
  );
});

test.each([
  "I'm glad.",
  "I'll call the bank.",
  'Gonna repaint the door.',
  "Don't move the boxes.",
  'Congrats on the shop!',
  'Thanks, see you.',
])('"%s" names nobody', (content) => {
  expect(read(content).entities.filter(({ type }) => type !== 'term' && type !== 'date')).toEqual([]);
});

test('the stem of a name is no term', () => {
  expect(namesIn('James painted the fence. James was tired.')).not.toContain('jame');
  expect(namesIn('Jolene painted the fence.')).not.toContain('jolen');
});
