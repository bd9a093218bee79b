import { expect, test } from 'vitest';
import { findDifference, findValues } from '../../text/values.ts';

const told = (text: string) => findValues(text).map(({ kind, value }) => `${kind} ${value}`);

test.each([
  ['Open from 9 am to 5.30 pm, closed at noon', ['time 09:00', 'time 17:30', 'time 12:00']],
  ['Backups run at 02:30 and 14:05:33', ['time 02:30', 'time 14:05']],
  ['We meet at ten, or at two in the afternoon; at two doors', ['time 10:00', 'time 02:00', 'number 2']],
  ['24 March 2026, March 24th and 2026-03-24', ['date 24 mar', 'number 2026', 'date 24 mar', 'date 24 mar']],
  ['Out on Tuesdays, not on Friday', ['weekday tuesday', 'weekday friday']],
  ['It costs £44.50 or $1,200.00', ['money £44.50', 'money $1200']],
  ['97 % of it, or 3 per cent', ['percent 97%', 'percent 3%']],
  ['v2 became 2.4.2', ['version 2', 'version 2.4.2']],
  ['twenty-five nodes, five minutes, 48,211 rows', ['number 25', 'number 5', 'number 48211']],
  ['Then Joan Tulley called St Brannoc', ['name joan tulley', 'name st brannoc']],
])('%s states %j', (text, values) => {
  expect(told(text)).toEqual(values);
});

test.each(['The harbour froze.', 'I went home', 'one of them', '', '🙂', 'GW-1x2-'])(
  'no name and no figure stands in "%s" that is none',
  (text) => {
    expect(told(text)).toEqual([]);
  },
);

test('a bare number is known by the word after it, or before it; in an address it is a port', () => {
  const units = (text: string) => findValues(text)[0]?.units;
  expect([units('30 nodes'), units('on port 8090 only'), units('see http://wren:8081')]).toEqual([
    ['node'],
    ['port'],
    ['port'],
  ]);
});

test.each([
  ['Cutover is on 14 March', 'Cutover is on 21 March', '21 mar'],
  ['It listens on port 1883', 'It listens on port 8883', '8883'],
  ['Colin is our contact there, says Ines', 'Ask for Yvonne Baptiste there, says Ines', 'yvonne baptiste'],
])('in place of a value of "%s" stands one of "%s"', (older, newer, value) => {
  expect(findDifference(findValues(older), findValues(newer))?.value).toBe(value);
});

test.each([
  ['the same value', 'Cutover is on 14 March', 'On March 14th is cutover'],
  ['another unit', 'There are 24 nodes', 'It took 30 minutes'],
  ['another kind', 'Cutover is on 14 March', 'Cutover costs £30'],
  ['nothing to differ from', 'Cutover is soon', 'Cutover is on 14 March'],
])('%s is no difference', (_, older, newer) => {
  expect(findDifference(findValues(older), findValues(newer))).toBeUndefined();
});

test('no text makes it slow', () => {
  const hostile = [
    '9'.repeat(50_000),
    'A'.repeat(50_000),
    '1.'.repeat(25_000),
    'Aa '.repeat(15_000),
    '-1'.repeat(25_000),
  ];
  const began = performance.now();
  for (const text of hostile) findValues(text);
  expect(performance.now() - began).toBeLessThan(3_000);
});
