import { expect, test } from 'vitest';
import { countDuplicates, takeDistinct } from '../../recall/duplicates.ts';
import { readForRecall } from '../../recall/reading.ts';
import { remember } from '../support/remembered.ts';
import { makeRandom } from '../support/random.ts';

const isSame = (a: string, b: string) => readForRecall(a).wording === readForRecall(b).wording;

test.each([
  ['Heartbeat ok, queue empty.', 'heartbeat OK - queue empty'],
  ['The gateway lost its connection overnight.', 'Overnight the gateway lost its connection.'],
  ['Until Monday Jonas is on holiday.', 'Jonas is on holiday until Monday'],
  ['Backup finished in 42 s.', 'Backup finished in 1.5 seconds.'],
  ['Restarted a worker', 'Restarted the worker'],
  ['🙂🙂', ' 🙂🙂 '],
])('"%s" and "%s" say the same', (a, b) => {
  expect(isSame(a, b)).toBe(true);
});

test.each([
  ['The gate is open', 'The gate is not open'],
  ['Ann reports to Bob', 'Bob reports to Ann'],
  ['Ruth prefers tea to coffee', 'Ruth prefers coffee to tea'],
  ['The price went up', 'The price went down'],
  ['Node 1 joined', 'Node 2 joined'],
  ['Cutover is on 14 March', 'Cutover is on 21 March'],
  ['It takes 30 minutes', 'It takes 45 minutes'],
  ['Maria: Thanks!', 'Joan: Thanks!'],
  ['🙂', '🙁'],
  ['', '.'],
])('"%s" and "%s" do not', (a, b) => {
  expect(isSame(a, b)).toBe(false);
});

test('of those that say the same the first stays, and the wanted others are counted', () => {
  const { scope } = remember('Heartbeat ok', 'Lunch', 'heartbeat ok.', 'Heartbeat OK');
  expect(takeDistinct(scope, [3, 1, 0, 2], 5)).toEqual([3, 1]);
  expect(takeDistinct(scope, [0, 2, 3, 1], 1)).toEqual([0]);
  expect([countDuplicates(scope, 0, () => true), countDuplicates(scope, 0, (index) => index < 3)]).toEqual([2, 1]);
  expect(countDuplicates(scope, 1, () => true)).toBe(0);
});

test('no two texts of an answer are the same but for case and punctuation, whatever was written', () => {
  const random = makeRandom(7);
  const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)]!;
  const write = () =>
    Array.from({ length: 1 + Math.floor(random() * 3) }, () =>
      pick(['ok', 'Ok', 'queue', 'Queue!', 'empty', 'not']),
    ).join(pick([' ', ', ']));
  const { scope, texts } = remember(...Array.from({ length: 500 }, write));
  const plain = takeDistinct(scope, [...texts.keys()], 500).map((index) =>
    texts[index]!.toLowerCase()
      .replaceAll(/[^a-z]+/g, ' ')
      .trim(),
  );
  expect(new Set(plain).size).toBe(plain.length);
  expect(plain.length).toBeGreaterThan(10);
});

test('a word repeated a hundred thousand times is read in an instant', () => {
  const began = performance.now();
  readForRecall('ha '.repeat(100_000));
  expect(performance.now() - began).toBeLessThan(3_000);
});
