import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { RecallFile } from '../../recall/file.ts';
import { UnknownMemoryError } from '../../memory/errors.ts';
import { describeUnknown, why } from '../../recall/why.ts';
import { makeFolder } from '../support/database.ts';
import { openLab, type Lab } from '../support/lab.ts';

const MONDAY = '2026-03-03T03:00:00Z';
const TUESDAY = '2026-03-04T03:00:00Z';
/** Between the two nights. */
const WAKING = '2026-03-03T20:00:00Z';

/** A pipeline with memories of one morning and one of a week before, and a way to publish what it holds and open that. */
async function openMorning() {
  const path = join(makeFolder(), 'test.recall.duckdb');
  const lab = await openLab({}, undefined, {}, { recallFile: path });
  const found = { importance: 0.9, mentions: ['gate'] };
  await lab.write(
    {
      id: 'gate-old-0',
      at: '2026-02-23T09:00:00Z',
      content: 'The gate is green',
      agent: 'a',
      found: { mentions: ['gate'] },
    },
    { id: 'gate-code-1', at: '2026-03-02T09:00:00Z', content: 'The code of the gate is 4711', agent: 'a', found },
    { id: 'gate-code-2', at: '2026-03-02T09:20:00Z', content: 'The gate has a new code', agent: 'a', found },
    { id: 'lunch-000-0', at: '2026-03-02T12:00:00Z', content: 'Lunch was soup', agent: 'a' },
  );
  await lab.live(MONDAY);
  const open = async (asOf = MONDAY) => {
    await lab.run('publishRecall', asOf);
    const file = await RecallFile.open(path, lab.profile);
    onTestFinished(() => file.close());
    return file;
  };
  return { lab, open };
}

async function lifeOf(file: RecallFile, id: string, asOf: string) {
  const life = await why(file, { id, asOf });
  if (life === null) throw new Error(`${id} is not there`);
  return life;
}

test('a life tells what restates the memory, and what it restates, as far as that was written by then', async () => {
  const { lab, open } = await openMorning();
  const [old, now] = ['The broker on moss listens on port 1883.', 'The broker on moss now listens on port 8883.'];
  const times = ['2026-03-02T13:00:00.000Z', '2026-03-03T13:00:00.000Z'] as const;
  await lab.write(
    { id: 'port-old', at: times[0], content: old, agent: 'a' },
    { id: 'port-new', at: times[1], content: now, agent: 'a' },
    ...Array.from({ length: 40 }, (_, index) => ({
      id: `bag${String(index)}`,
      at: '2026-03-01T09:00:00Z',
      agent: 'a',
    })),
  );
  await lab.live(TUESDAY);
  const file = await open(TUESDAY);
  const link = { sentence: now, madeBy: 'rules#2' };
  expect(await lifeOf(file, 'port-old', TUESDAY)).toMatchObject({
    ...{ supersededBy: [{ ...link, id: 'port-new', content: now, createdAt: times[1] }], supersedes: [] },
  });
  expect(await lifeOf(file, 'port-new', TUESDAY)).toMatchObject({
    ...{ supersededBy: [], supersedes: [{ ...link, id: 'port-old', content: old, createdAt: times[0] }] },
  });
  expect(await lifeOf(file, 'port-old', times[0])).toMatchObject({ supersededBy: [] });
});

async function traceOf(lab: Lab, id: string, asOf: string) {
  const [row] = await lab.rows(
    `select retrievability, stability, difficulty, s_h, s_c from trace_at('${asOf}') where memory_id = '${id}'`,
  );
  return Object.values(row ?? {}) as number[];
}

const strengthOf = ({ strength }: Awaited<ReturnType<typeof lifeOf>>) =>
  strength && [
    strength.retrievability,
    strength.stability,
    strength.difficulty,
    strength.hippocampal,
    strength.cortical,
  ];
const near = (values: readonly number[]): unknown[] => values.map((each) => expect.closeTo(each, 3) as unknown);

test('a life tells the text, its session and episode, its events, and how strong it is by them', async () => {
  const { lab, open } = await openMorning();
  const life = await lifeOf(await open(), 'gate-code-1', '2026-03-20T00:00:00Z');
  expect(life).toMatchObject({
    ...{
      id: 'gate-code-1',
      content: 'The code of the gate is 4711',
      agent: 'a',
      createdAt: '2026-03-02T09:00:00.000Z',
    },
    ...{ importance: 0.9, attended: true },
    fate: {
      name: 'hippocampal_retention',
      why: 'still well retrievable, limit 0.55 at need 0.90',
      since: '2026-03-03T03:00:00.000Z',
    },
    session: { size: 2, startedAt: '2026-03-02T09:00:00.000Z', endedAt: '2026-03-02T09:20:00.000Z' },
    episode: { size: 2 },
  });
  expect(life.events).toEqual([
    { at: '2026-03-02T09:00:00.000Z', kind: 'encode', grade: 4, events: 1, others: null },
    { at: '2026-03-03T03:00:00.000Z', kind: 'replay', grade: 3, events: 1, others: null },
    { at: '2026-03-03T03:00:00.000Z', kind: 'coactivate', grade: null, events: 1, others: 1 },
  ]);
  expect(strengthOf(life)).toEqual(near(await traceOf(lab, 'gate-code-1', '2026-03-20T00:00:00Z')));
});

test('the curve goes from the writing to four weeks on, falls between two events and rises at one', async () => {
  const { open } = await openMorning();
  const { curve } = await lifeOf(await open(), 'gate-code-1', '2026-03-04T00:00:00Z');
  expect([curve[0], curve.at(-1)?.at]).toEqual([
    { at: '2026-03-02T09:00:00.000Z', retrievability: 1 },
    '2026-04-01T00:00:00.000Z',
  ]);
  const replay = curve.findIndex(({ at }) => at >= '2026-03-03T03:00:00.000Z');
  const [before, after] = [curve[replay - 1]?.retrievability ?? 0, curve[replay]?.retrievability ?? 0];
  expect([before < 1, after > before]).toEqual([true, true]);
  expect(curve.slice(replay).map(({ retrievability }) => retrievability)).toEqual(
    curve
      .slice(replay)
      .map(({ retrievability }) => retrievability)
      .toSorted((a, b) => b - a),
  );
});

test('as of the past nothing later is told, and the strength is that of then', async () => {
  const { lab, open } = await openMorning();
  const then = await traceOf(lab, 'gate-code-1', WAKING);
  await lab.live(TUESDAY);
  const file = await open(TUESDAY);
  const [past, present] = [
    await lifeOf(file, 'gate-code-1', WAKING),
    await lifeOf(file, 'gate-code-1', '2026-03-06T00:00:00Z'),
  ];
  expect([past.events.length, present.events.length]).toEqual([3, 5]);
  expect(strengthOf(past)).toEqual(near(then));
  // Both were replayed since: what their link weighed then is not known any more.
  const weights = [past, present].map(({ links }) => links.find(({ id }) => id === 'gate-code-2')?.weight);
  expect(weights).toEqual([null, expect.closeTo(0.8262, 3)]);
  expect(await lifeOf(file, 'gate-code-1', '2026-03-02T10:00:00Z')).toMatchObject({
    fate: null,
    events: [{ kind: 'encode' }],
  });
  await expect(why(file, { id: 'gate-code-1', asOf: '2026-03-01T00:00:00Z' })).rejects.toThrow(
    'gate-code-1 was not written yet as of 2026-03-01T00:00:00Z: it is of 2026-03-02T09:00:00.000Z.',
  );
});

test('links come with their weight, with what made them and with what both mention', async () => {
  const { open } = await openMorning();
  const { links } = await lifeOf(await open(), 'gate-code-1', MONDAY);
  expect(links).toEqual([
    {
      ...{ id: 'gate-code-2', content: 'The gate has a new code', agent: 'a', createdAt: '2026-03-02T09:20:00.000Z' },
      ...{ weight: expect.closeTo(0.8647, 3), activeTogether: 1, sameEpisode: true, bothMention: ['gate'] },
      madeBy: ['entity', 'episode'],
    },
    expect.objectContaining({
      id: 'gate-old-0',
      activeTogether: 0,
      sameEpisode: false,
      bothMention: ['gate'],
      madeBy: ['entity'],
    }),
  ]);
});

test('of a memory with more events than the file keeps, the older ones are folded into one, and the strength is as exact', async () => {
  const { lab, open } = await openMorning();
  await lab.rows(`insert into event (event_id, memory_id, ts, kind, grade, cycle_id)
    select 1000 + day, 'gate-code-1', timestamp '2026-03-05 03:00' + to_days(day::integer), 'replay', 3, 'test' from range(150) d(day)`);
  // It lives the night of Tuesday too, which is one more.
  await lab.run('consolidateTraces', '2026-08-05T03:00:00Z', undefined, { limits: { replays: 0 } });
  const life = await lifeOf(await open('2026-08-05T03:00:00Z'), 'gate-code-1', '2026-08-06T00:00:00Z');
  const steps = life.events.filter(({ kind }) => kind !== 'coactivate');
  expect([steps.length, steps[0]]).toEqual([
    101,
    { at: expect.any(String), kind: 'earlier', grade: null, events: 53, others: null },
  ]);
  expect(strengthOf(life)).toEqual(near(await traceOf(lab, 'gate-code-1', '2026-08-06T00:00:00Z')));
});

test('what rests on it is named, with who made it', async () => {
  const { lab, open } = await openMorning();
  await lab.rows(`insert into gist values ('g', 'c', 'The gate has a code', 'gate', 'rules#1', '2026-03-03 03:00')`);
  await lab.rows(`insert into gist_member values ('g', 'gate-code-1', 1), ('g', 'gate-old-0', 2)`);
  const file = await open();
  const gist = { id: 'g', kind: 'gist', content: 'The gate has a code', theme: 'gate', madeBy: 'rules#1', size: 2 };
  expect((await lifeOf(file, 'gate-code-1', MONDAY)).learned).toEqual([
    { ...gist, changedAt: '2026-03-03T03:00:00.000Z' },
  ]);
  expect((await lifeOf(file, 'gate-code-2', MONDAY)).learned).toEqual([]);
});

test('eight characters stand for an id that alone begins with them', async () => {
  const { open } = await openMorning();
  const file = await open();
  expect(await why(file, { id: 'lunch-00', asOf: MONDAY })).toMatchObject({ id: 'lunch-000-0' });
  expect(await why(file, { id: 'lunch-0', asOf: MONDAY })).toBeNull();
  await expect(why(file, { id: 'gate-code', asOf: MONDAY })).rejects.toThrow(
    'several memories begin with gate-code: gate-code-1, gate-code-2, … Give more of the id.',
  );
});

test('an id that is not known, whatever it is, gets the nearest ones and how to find one', async () => {
  const { open } = await openMorning();
  const file = await open();
  for (const id of ['gate-code-3', `'; drop table memory; --`, '', '🐘', '%', 'x'.repeat(100_000)]) {
    expect(await why(file, { id, asOf: MONDAY })).toBeNull();
    const error = await describeUnknown(file, id);
    expect(error).toBeInstanceOf(UnknownMemoryError);
    expect(error.message).toContain('Recall finds memories by what they say');
    expect(error.message.length).toBeLessThan(500);
  }
  expect((await describeUnknown(file, 'gate-code-3')).message).toBe(
    'no memory gate-code-3 is known. The nearest ids: gate-code-1, gate-code-2, gate-old-0. ' +
      'Recall finds memories by what they say, and gives their ids.',
  );
});

test('too few characters name first the ids that begin with them', async () => {
  const { open } = await openMorning();
  expect((await describeUnknown(await open(), 'lun')).message).toContain('The nearest ids: lunch-000-0, ');
});
