import { expect, test } from 'vitest';
import { findChange } from '../../text/changes.ts';
import { findRestatement, readStatements, weighShared } from '../../text/restatement.ts';

const compare = (older: string, newer: string, cosine: number | null = null) =>
  findRestatement(readStatements(older), readStatements(newer), {
    ...{ cosine, kinds: ['number', 'date'] },
    // Each shared word as rare as one that two of four hundred memories have.
    weigh: () => 0.5,
  });

test('kin is shared words, twice what the cosine is above a half, a cue, and a value in place of another', () => {
  const older = 'The broker listens on port 1883';
  expect(compare(older, 'The broker listens there')?.kin).toBeCloseTo(1);
  expect(compare(older, 'The broker listens there', 0.7)?.kin).toBeCloseTo(1.4);
  expect(compare(older, 'The broker listens there now', 0.7)?.kin).toBeCloseTo(1.7);
  // "port" is shared, too.
  expect(compare(older, 'The broker listens on port 8883 now', 0.7)).toMatchObject({ value: { value: '8883' } });
  expect(compare(older, 'The broker listens on port 8883 now', 0.7)?.kin).toBeCloseTo(2.5);
});

test('the sentence that differs is the one with the value, else the one that tells the change', () => {
  const older = 'Cutover is on 14 March.';
  expect(compare(older, 'Colin rang. Cutover is on 21 March. He was kind.')?.sentence).toBe('Cutover is on 21 March.');
  expect(compare(older, 'Colin rang. Cutover has been postponed. He was kind.')?.sentence).toBe(
    'Cutover has been postponed.',
  );
  expect(compare(older, 'Cutover?')?.sentence).toBe('Cutover?');
});

test('without a value of the kind asked for it is the one that shares most with what it restates', () => {
  const found = compare('Pawbook runs on host kestrel.', 'Migration done, all is well now. Pawbook runs on osprey.');
  expect(found?.sentence).toBe('Pawbook runs on osprey.');
});

test('a title is no end of a sentence', () => {
  const older = 'Dr. Okafor operates on Tuesdays.';
  expect(compare(older, 'From now on Dr. Okafor operates on Mondays. Ask e.g. Miriam.')?.sentence).toBe(
    'From now on Dr. Okafor operates on Mondays.',
  );
  expect(compare(older, 'We asked, and the answer was no. Okafor operates on Fridays.')?.sentence).toBe(
    'Okafor operates on Fridays.',
  );
});

test('of a long text the sentence counts that is nearest, not all of its words', () => {
  const chatter = 'The weather was fine and the office was warm and everybody had some tea. '.repeat(6);
  const found = compare(`${chatter} Cutover is on 14 March.`, `${chatter} Cutover is on 21 March.`);
  expect(found).toMatchObject({ sentence: 'Cutover is on 21 March.', value: { value: '21 mar' } });
  expect(readStatements(chatter)).toHaveLength(6);
});

test('a word weighs by how many memories have it, and not less because others are remembered as well', () => {
  expect(weighShared(1, 400)).toBeCloseTo((Math.log(1 + 399.5 / 1.5) - 1.5) / 6, 10);
  expect(weighShared(200, 400)).toBe(0);
  expect(weighShared(2, 100_000)).toBeCloseTo(weighShared(2, 400), 2);
  expect(weighShared(500, 100_000)).toBe(0);
  expect(weighShared(2, 100)).toBeCloseTo((Math.log(1 + 198.5 / 2.5) - 1.5) / 6, 10);
});

test.each([
  'Cutover postponed by a week',
  'The network grows to 30 nodes',
  'From now on it is Thursday',
  'Tomasz takes the report off his hands',
  'Cutover goes back once more, to Saturday 28 March',
  'It is no longer free',
  'Joan took over',
])('%s tells a change', (text) => {
  expect(findChange(text)).toBeGreaterThanOrEqual(0.5);
});

test.each(['Cutover is on 14 March', 'The network has 24 nodes', 'Nodes report every five minutes', '', '🙂'])(
  '%s tells none',
  (text) => {
    expect(findChange(text)).toBe(0);
  },
);
