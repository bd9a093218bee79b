import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { gatherContext, type ContextRequest } from '../../recall/context.ts';
import { RecallFile } from '../../recall/file.ts';
import { countTokens } from '../../text/tokens.ts';
import { makeFolder } from '../support/database.ts';
import { NIGHT, openLab } from '../support/lab.ts';

const NIGHT_AT = '2026-03-04T03:00:00Z';
const withoutMeaning = () => Promise.resolve(null);

/** A published file of some memories of two agents and two gists, and a way to gather from it. */
async function openStore() {
  const path = join(makeFolder(), 'test.recall.duckdb');
  const lab = await openLab({}, undefined, {}, { recallFile: path });
  await lab.write(
    { id: 'gate-code-1', at: '2026-03-02T09:00:00Z', content: 'The code of the gate is 4711.', agent: 'ada' },
    { id: 'gate-color-1', at: '2026-03-02T09:10:00Z', content: 'The gate is green since spring.', agent: 'ada' },
    { id: 'shed-code-1', at: '2026-03-03T09:00:00Z', content: 'The code of the shed is 12.', agent: 'bob' },
    { id: 'lunch-000-1', at: '2026-03-03T12:00:00Z', content: 'Lunch was soup.', agent: 'bob' },
  );
  await lab.live(NIGHT_AT, NIGHT);
  await lab.rows(`insert into gist values ('own', 'c', 'The gate and its code.', 'gate', 'rules#1', '2026-03-03 03:00'),
    ('both', 'd', 'Every code has changed.', 'code', 'rules#1', '2026-03-04 03:00')`);
  await lab.rows(`insert into gist_member values ('own', 'gate-code-1', 1), ('own', 'gate-color-1', 2),
    ('both', 'gate-code-1', 1), ('both', 'shed-code-1', 2)`);
  await lab.run('publishRecall', NIGHT_AT);
  const file = await RecallFile.open(path, lab.profile);
  onTestFinished(() => file.close());
  const gather = (task: string, request: Partial<ContextRequest> = {}) =>
    gatherContext(file, withoutMeaning, { task, asOf: NIGHT_AT, tokens: 1_000, ...request });
  return { gather };
}

const bodyOf = (text: string) => text.split('\n').slice(1, -1);

test('a task gets what was learned, then the memories that answer, and the same bytes each time', async () => {
  const { gather } = await openStore();
  const { text, tokens, learned, memories } = await gather('Change the code of the gate');
  expect(bodyOf(text)).toEqual([
    'gist both 2026-03-04: Every code has changed.',
    'gist own 2026-03-03: The gate and its code.',
    ...['2026-03-02 ada:', 'gate-code-1 The code of the gate is 4711.', 'gate-color-1 The gate is green since spring.'],
    ...['2026-03-03 bob:', 'shed-code-1 The code of the shed is 12.'],
  ]);
  expect(tokens).toEqual({ budget: 1_000, used: countTokens(text) });
  expect([learned.map(({ id }) => id), memories.map(({ id, whole }) => [id, whole])]).toEqual([
    ['both', 'own'],
    ['gate-code-1', 'gate-color-1', 'shed-code-1'].map((id) => [id, true]),
  ]);
  expect((await gather('Change the code of the gate')).text).toBe(text);
});

test('asked for one agent, nothing comes that rests on another one', async () => {
  const { gather } = await openStore();
  const { learned, memories } = await gather('Change the code of the gate', { agent: 'ada' });
  expect([learned.map(({ id }) => id), memories.map(({ id }) => id)]).toEqual([
    ['own'],
    ['gate-code-1', 'gate-color-1'],
  ]);
});

test('asked as of the past, what was written or learned later is not known', async () => {
  const { gather } = await openStore();
  const { learned, memories } = await gather('Change the code of the gate', { asOf: '2026-03-02T12:00:00Z' });
  expect([learned, memories.map(({ id }) => id)]).toEqual([[], ['gate-code-1', 'gate-color-1']]);
});

test('nothing answers a task of which nothing was said, and a budget may be too small', async () => {
  const { gather } = await openStore();
  expect(await gather('xyzzy')).toMatchObject({ text: '', memories: [], tokens: { budget: 1_000, used: 0 } });
  const { text, tokens } = await gather('The code of the gate', { tokens: 10 });
  expect([text, tokens]).toEqual(['', { budget: 10, used: 0, least: expect.any(Number) }]);
  expect((await gather('The code of the gate', { tokens: tokens.least ?? 0 })).memories).toHaveLength(1);
});

test('a budget is filled with many short memories, too', async () => {
  const path = join(makeFolder(), 'test.recall.duckdb');
  const lab = await openLab({}, undefined, {}, { recallFile: path });
  await lab.write(
    ...Array.from({ length: 60 }, (_, n) => ({
      ...{ id: `n${n}`, at: '2026-03-02T09:00:00Z', content: `Kiln ${n}`, agent: 'ada' },
    })),
  );
  await lab.live(NIGHT_AT);
  await lab.run('publishRecall', NIGHT_AT);
  const file = await RecallFile.open(path, lab.profile);
  onTestFinished(() => file.close());
  const { memories, tokens } = await gatherContext(file, withoutMeaning, { task: 'kiln', asOf: NIGHT_AT, tokens: 400 });
  expect([memories.length > 26, tokens.used > 380]).toEqual([true, true]);
});
