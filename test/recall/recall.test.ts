import { join } from 'node:path';
import { onTestFinished, expect, test } from 'vitest';
import { RecallFile } from '../../recall/file.ts';
import { recall } from '../../recall/recall.ts';
import { makeFolder } from '../support/database.ts';
import { NIGHT, openLab, type Written } from '../support/lab.ts';

const AS_OF = '2026-03-20T03:00:00Z';
const QUESTION = 'Which port does the staging shop of the pottery use?';
const tags = ['pottery'];
const at = (day: number) => `2026-03-${String(day).padStart(2, '0')}T09:00:00Z`;
const old = { id: 'old', at: at(2), content: 'The staging shop of the pottery answers at http://wren:8081', tags };
const moved = { id: 'new', at: at(9), content: 'Moved the staging shop of the pottery to port 8090', tags };
const beat = (day: number) => ({ id: `beat${String(day)}`, at: at(day), content: `Heartbeat ok in ${String(day)} s.` });

/** What a store answers as of a time, after one night. */
async function openStore(...written: Written[]) {
  const path = join(makeFolder(), 'test.recall.duckdb');
  const lab = await openLab({}, undefined, {}, { recallFile: path });
  const others = Array.from({ length: 40 }, (_, index) => ({
    ...{
      id: `m${String(index)}`,
      at: `${at(1 + (index % 28)).slice(0, 11)}21:00:00Z`,
      content: `Heard of matter${String(index)}`,
      tags,
    },
  }));
  await lab.write(...others, ...written);
  await lab.live('2026-04-01T03:00:00Z', NIGHT);
  await lab.run('publishRecall', '2026-04-01T03:00:00Z');
  const file = await RecallFile.open(path, lab.profile);
  onTestFinished(() => file.close());
  return async (question: string, asOf = AS_OF, limit = 3) =>
    (await recall(file, () => Promise.resolve(null), { question, asOf, limit })).results;
}

test('asked for now, the newer statement stands above the older one, which names it and what it says', async () => {
  const ask = await openStore(old, moved);
  const [first, second] = await ask(QUESTION);
  expect(first).toMatchObject({ id: 'new', reasons: { newer: expect.any(Number) } });
  expect(second).toMatchObject({
    id: 'old',
    supersededBy: { id: 'new', createdAt: '2026-03-09T09:00:00.000Z', sentence: moved.content },
  });
});

test('what was not written yet supersedes nothing, and a question about the past is told nothing', async () => {
  const ask = await openStore(old, moved);
  expect((await ask(QUESTION, '2026-03-08T00:00:00Z')).map(({ id, supersededBy }) => [id, supersededBy])).toEqual([
    ['old', undefined],
  ]);
  const past = await ask('Which port did the staging shop of the pottery use on 2 March?');
  expect(past[0]).toMatchObject({ id: 'old' });
  expect(past.every(({ supersededBy }) => supersededBy === undefined)).toBe(true);
});

test('what says the same in the same words is one result with the count of the others that are known by then', async () => {
  const ask = await openStore(beat(3), beat(4), beat(5), old);
  const [first, ...rest] = await ask('heartbeat');
  expect([first?.duplicates, rest]).toEqual([2, []]);
  expect((await ask('heartbeat', at(4)))[0]).toMatchObject({ id: 'beat4', duplicates: 1 });
  expect((await ask('heartbeat', at(3)))[0]).not.toHaveProperty('duplicates');
});

test('a thousand of the same do not push the others out of the answer', async () => {
  const many = Array.from({ length: 1_000 }, (_, index) => ({ ...beat(index % 28), id: `b${String(index)}` }));
  const other = { id: 'other', at: at(3), content: 'The heartbeat stopped because the disk was full of old backups' };
  const ask = await openStore(...many.map((each) => ({ ...each, at: at(2) })), other);
  expect((await ask('heartbeat')).map(({ id, duplicates }) => [id === 'other', duplicates])).toEqual(
    expect.arrayContaining([
      [true, undefined],
      [false, 999],
    ]),
  );
});
