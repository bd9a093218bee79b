import { expect, test } from 'vitest';
import { distinctiveParts, Scanner } from '../../memory/traces.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('a text is known by its sentences of twenty characters and more, as they stand in it', () => {
  expect(distinctiveParts('Ok. The code of the gate is 4711! Was it raining on Tuesday?')).toEqual([
    'The code of the gate is 4711!',
    'Was it raining on Tuesday?',
  ]);
});

test('a part holds nothing that JSON writes otherwise than it is', () => {
  const parts = distinctiveParts(
    'She said "the harbour is closed until May"\nand C:\\ships\\are waiting outside of it\ttoday.',
  );
  expect(parts).toEqual(['the harbour is closed until May', 'are waiting outside of it']);
});

test('of a sentence without end both ends are looked for, cut between characters', () => {
  const parts = distinctiveParts('🐋'.repeat(100));
  expect(parts).toEqual(['🐋'.repeat(80)]);
  expect(distinctiveParts(`a${'b'.repeat(100)}c`)).toEqual([`a${'b'.repeat(79)}`, `${'b'.repeat(79)}c`]);
});

test.each([
  ['Lunch was soup', ['Lunch was soup']],
  ['ok', []],
  ['', []],
  ['"\\"', []],
])('of a short text its longest stretch stands for it, if it can be told from others: %j', (text, parts) => {
  expect(distinctiveParts(text)).toEqual(parts);
});

test('the scanner finds every part that stands in the bytes, wherever, and no other', () => {
  const random = (seed: number) => Array.from({ length: 2000 }, (_, at) => ((at * seed) % 251) + 1);
  const parts = [
    'The code of the gate',
    'code of the gate is 4711',
    'Über den Wolken fliegt',
    'never written anywhere',
  ];
  const noise = Uint8Array.from(random(7919));
  const text = bytes(`${parts[0] ?? ''} is 4711Über den Wolken fliegt`);
  const all = Uint8Array.from([...noise, ...text, ...noise, ...bytes('The code of the gate')]);
  const found = new Scanner(parts).scan(all);
  expect(found.toSorted()).toEqual([0, 0, 1, 2]);
});

test('parts that begin alike are told apart', () => {
  const parts = Array.from(
    { length: 300 },
    (_, number) => `The same beginning of all of them, and then ${String(number).padStart(3, '0')}`,
  );
  expect(new Scanner(parts).scan(bytes(parts[123] ?? ''))).toEqual([123]);
});

test('without parts nothing is found', () => {
  expect(new Scanner([]).scan(bytes('The code of the gate'))).toEqual([]);
});
