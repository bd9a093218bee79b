import { describe, expect, test } from 'vitest';
import { bestOf, type rank, type Part } from '../../recall/ranking.ts';
import { remember } from '../support/remembered.ts';

const value = (ranking: ReturnType<typeof rank>, part: Part, index: number) => ranking.parts[part][index];

test('the memory with the rarer words of the question stands first', () => {
  const { ask } = remember('The gate is open', 'The gate code is 4711', 'The gate is green', 'We had lunch');
  expect(ask('What is the code of the gate?').order[0]).toBe('The gate code is 4711');
});

test('what was said just before and after counts for a memory, in the same session only', () => {
  const { ask } = remember(
    { text: 'Where is the spare key?', at: 0 },
    { text: 'Under the blue pot.', at: 1 },
    { text: 'Bread and milk.', at: 600 },
  );
  const { ranking } = ask('spare key');
  expect(value(ranking, 'words', 1)).toBeGreaterThan(0);
  expect(value(ranking, 'words', 2)).toBe(0);
});

test('half an hour of silence begins another session; a minute less does not', () => {
  const { scope } = remember({ text: 'one', at: 0 }, { text: 'two', at: 30 }, { text: 'three', at: 60.1 });
  expect([...scope.sessions]).toEqual([0, 0, 1]);
});

test('meaning finds what shares no word', () => {
  const { ask } = remember(
    { text: 'The cat sleeps', vectors: [[0, 1, 0, 0]] },
    { text: 'Shares fell today', vectors: [[1, 0, 0, 0]] },
  );
  expect(ask('stock market', [0.9, 0.1, 0, 0]).order[0]).toBe('Shares fell today');
});

test('of a long memory the part counts that is nearest', () => {
  const { scope } = remember({
    text: 'a',
    vectors: [
      [0, 1, 0, 0],
      [1, 0, 0, 0],
    ],
  });
  expect(scope.cosines(Float32Array.of(1, 0, 0, 0))[0]).toBe(1);
});

describe('in talk', () => {
  const talk = () =>
    remember('Maria: I adopted a dog.', 'Joan: I adopted a cat.', 'Maria: It rains.', 'Joan: Indeed it does.');

  test('the one whom the question names is preferred', () => {
    expect(talk().ask('What did Maria adopt?').order[0]).toBe('Maria: I adopted a dog.');
    expect(talk().ask('What did Joan adopt?').order[0]).toBe('Joan: I adopted a cat.');
  });

  test('nobody is where two are named, or none', () => {
    const { ranking } = talk().ask('What did Maria and Joan adopt?');
    expect([...ranking.parts.speaker]).toEqual([0, 0, 0, 0]);
  });

  test('a label is no speaker', () => {
    expect([...remember('Note: the gate is open', 'TODO: paint it').scope.speakers]).toEqual([]);
  });
});

describe('a time in the question', () => {
  test('prefers what was written then, and what mentions it', () => {
    const { ask } = remember('We painted', 'We painted', { text: 'Painting is due', days: ['2026-03-03'] });
    const { ranking } = ask('What did we do on 3 March 2026?');
    expect(value(ranking, 'date', 1)).toBe(1);
    expect(value(ranking, 'date', 2)).toBeLessThan(1);
    expect([...ranking.parts.mentionedDate]).toEqual([0, 0, 1]);
  });

  test('without one both parts are 0 for all', () => {
    const { ranking } = remember('We painted', 'We slept').ask('What did we paint?');
    expect([...ranking.parts.date, ...ranking.parts.mentionedDate]).toEqual([0, 0, 0, 0]);
  });
});

test('words that no memory has take weight from the words that chance to be there', () => {
  const { ask } = remember('The gate is open', 'We had lunch');
  const whole = ask('gate open').ranking.weights.words;
  expect(whole).toBeCloseTo(3, 5);
  expect(ask('gate zeppelin volcano').ranking.weights.words).toBeLessThan(whole / 2);
});

test.each(['', '?', '🙂', '*', '"', `'; drop table memory; --`, 'Ωμέγα', 'a word of 100,000 letters'])(
  'any text is a question: %s',
  (text) => {
    const asked = text.endsWith('letters') ? 'x'.repeat(100_000) : text;
    const { ranking } = remember('The gate is open', 'We had lunch').ask(asked);
    expect([...ranking.scores].every(Number.isFinite)).toBe(true);
  },
);

test('a memory of fewer than five terms is short', () => {
  const { ask } = remember('gate code tower seven', 'gate code tower seven north');
  const { ranking } = ask('gate');
  expect([0, 1].map((index) => value(ranking, 'short', index))).toEqual([1, 0]);
});

test('of equals the newer memory is the better one, however many are wanted', () => {
  for (const wanted of [1, 2, 300]) expect(bestOf(Float64Array.of(1, 2, 2, 2), wanted)[0]).toBe(3);
});

test('a store without memories has nothing to rank', () => {
  expect(remember().ask('anything').order).toEqual([]);
});
