import { expect, test } from 'vitest';
import { UnreadableText } from '../../llm/rules.ts';
import { BUDGET, down, openDesk } from '../support/desk.ts';
import { makeEnvironment, openLab, type Lab } from '../support/lab.ts';
import { forEach, numbersOf, sayLittle } from '../support/scripted-answers.ts';
import { readSample } from '../support/sample.ts';
import type { Line } from '../support/scripted-model.ts';

const NIGHTS = ['2026-03-02T03:00:00Z', '2026-03-03T03:00:00Z', '2026-03-04T03:00:00Z'] as const;

/** `count` memories of one morning, a minute apart, in each tenth of an hour about another thing. */
const morning = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: `m${String(index).padStart(3, '0')}`,
    at: new Date(Date.UTC(2026, 2, 1, 8) + index * 60_000).toISOString(),
    content: `Bruno checked valve ${String(index)}${index % 10 === 0 ? ' and it failed: a serious leak, the plant stopped' : ''}.`,
    agent: 'ada',
  }));

const signatures = (lab: Lab, table = 'feature') =>
  lab.rows(`select made_by, count(*)::int as n from ${table} group by 1 order by 1`);

test('a night over the sample journal costs at most 0.1 calls for each new memory, all tasks together', async () => {
  const { lab, model } = await openDesk(sayLittle, { parallel: 4 });
  const lines = await readSample();
  await lab.write(...lines);
  const counts = await lab.live('2026-03-30T23:59:00Z');
  expect(counts.readFeatures).toMatchObject({ read: lines.length, read_by_rules: 0 });
  const made = [
    ...(await signatures(lab)),
    ...(await signatures(lab, 'episode')),
    ...(await signatures(lab, 'insight')),
  ];
  expect(made.map((row) => String(row['made_by']).replace(/@.*#/, '#'))).toEqual(
    ['features.1', 'episode.1', 'insight.2'].map((task) => `ollama:m#${task}`),
  );
  expect(model.asked.length / lines.length).toBeLessThanOrEqual(0.1);
  const told = Object.values(counts).map((each) => each['model_calls'] ?? 0);
  expect(told.reduce((sum, calls) => sum + calls)).toBe(model.asked.length);
});

test('a few new memories wait until they fill a prompt, whatever the rate limit, and rules hold their place', async () => {
  const { lab, model } = await openDesk();
  const memories = morning(60);
  const hours = memories.map((_, index) => new Date(Date.UTC(2026, 2, 1, 12) + index * 300_000).toISOString());
  for (const [index, hour] of hours.entries()) {
    // One every five minutes.
    await lab.write(...memories.slice(index, index + 1));
    await lab.live(hour, ['ingestMemories', 'readFeatures']);
  }
  // The first by itself, then as many as 0.045 for each memory comes to.
  expect(model.asked.map(({ schema }) => numbersOf(schema).length)).toEqual([1, 22, 22]);
  expect(await signatures(lab)).toEqual([
    { made_by: 'ollama:m@000000000001#features.1', n: 45 },
    { made_by: 'rules#2', n: 15 },
  ]);
});

test('a text that waits for others is read by itself when thirty days are over', async () => {
  const { lab } = await openDesk();
  const steps = ['ingestMemories', 'readFeatures'] as const;
  await lab.write(...morning(1));
  await lab.live(NIGHTS[0], steps);
  await lab.write(...morning(2).slice(1));
  for (const night of [NIGHTS[1], '2026-03-31T03:00:00Z'])
    expect((await lab.live(night, steps)).readFeatures).toMatchObject({ waiting_for_model: 1 });
  expect((await lab.live('2026-04-02T03:00:00Z', steps)).readFeatures).toMatchObject({ read: 1, model_calls: 1 });
});

test('what rules read while the model was away, it reads when it is back; what has happened stays', async () => {
  const named: Line = (request) =>
    request.schema?.includes('"importance"')
      ? forEach(request.schema, {
          ...{ kind: 'goal', importance: 1, urgency: 0, arousal: 0, valence: 0, gist: '' },
          entities: [{ label: 'valve', type: 'term' }],
        })
      : sayLittle(request);
  const { lab, model, become } = await openDesk(named);
  // Rules find no goal in these, but something that speaks for one. Each is a session of its own.
  await lab.write(
    ...morning(30).map((each, index) => ({
      ...each,
      at: new Date(Date.UTC(2026, 2, 1, 8) + index * 31 * 60_000).toISOString(),
      content: each.content.replace('checked', 'wanted to check'),
    })),
  );
  become(down);
  const first = await lab.live(NIGHTS[0]);
  expect(first.readFeatures).toEqual({ read: 30, read_by_rules: 30, waiting_for_model: 30 });
  expect(model.asked).toEqual([]);
  const events = await lab.rows(`select * from event where kind = 'encode' order by event_id`);
  const importance = await lab.list('select avg(importance) from feature');

  become('m@000000000001');
  const second = await lab.live(NIGHTS[1]);
  expect(second.readFeatures).toMatchObject({ read: 30, read_by_rules: 0, model_calls: 2 });
  expect(second.readFeatures).not.toHaveProperty('waiting_for_model');
  expect(await signatures(lab)).toEqual([{ made_by: 'ollama:m@000000000001#features.1', n: 30 }]);
  // Thirty episodes fill one prompt.
  expect(await signatures(lab, 'episode')).toEqual([
    { made_by: 'ollama:m@000000000001#episode.1', n: 24 },
    { made_by: 'rules#2', n: 6 },
  ]);
  // Its entities, importance and kind flow on: every note is a goal now, but one that reads as routine ("0 and it failed").
  expect(await lab.list(`select count(*)::int from mention where entity = 'valve'`)).toEqual([30]);
  expect(Number((await lab.list('select avg(importance) from feature'))[0])).toBeGreaterThan(Number(importance[0]));
  expect(await lab.list(`select memory_id from memory where kind <> 'goal'`)).toEqual(['m000']);
  // The log is only ever added to.
  expect(await lab.rows(`select * from event where kind = 'encode' order by event_id`)).toEqual(events);

  const asked = model.asked.length;
  await lab.run('readFeatures', NIGHTS[2]);
  expect(model.asked).toHaveLength(asked);
});

test('within a budget the most important are read again first, then the oldest; the rest is counted and waits', async () => {
  const { lab, become } = await openDesk(sayLittle, { budget: { ...BUDGET, calls: 1 } });
  await lab.write(...morning(100));
  become(down);
  await lab.live(NIGHTS[0], ['ingestMemories', 'readFeatures', 'attendMemories', 'bindEpisodes']);
  const order = await lab.list(
    'select memory_id from feature join raw_memory using (memory_id) order by round(importance, 1) desc, created_at',
  );
  expect(order).not.toEqual(order.toSorted());
  become('m@000000000001');
  const counts = await lab.live(NIGHTS[1], ['readFeatures', 'describeEpisodes']);
  expect(counts.readFeatures).toMatchObject({ read: 24, model_calls: 1, waiting_for_model: 76 });
  const read = await lab.list(`select memory_id from feature where made_by like 'ollama%' order by 1`);
  expect(read).toEqual(order.slice(0, 24).sort());
  // The budget is the cycle's, over all its steps.
  expect(counts.describeEpisodes).not.toHaveProperty('model_calls');
  expect(counts.describeEpisodes?.['waiting_for_model']).toBeGreaterThan(0);
  expect((await lab.live(NIGHTS[2], ['readFeatures'])).readFeatures).toMatchObject({ read: 24, waiting_for_model: 52 });
});

test('new memories beyond the budget get a fallback now and the model later', async () => {
  const { lab } = await openDesk(sayLittle, { budget: { ...BUDGET, calls: 2 } });
  await lab.write(...morning(100));
  const first = await lab.live(NIGHTS[0], ['ingestMemories', 'readFeatures']);
  expect(first.readFeatures).toMatchObject({ read: 100, read_by_rules: 52, model_calls: 2, waiting_for_model: 52 });
  expect((await lab.live(NIGHTS[1], ['readFeatures'])).readFeatures).toMatchObject({ read: 48, waiting_for_model: 4 });
  expect((await lab.live(NIGHTS[2], ['readFeatures'])).readFeatures).toMatchObject({ read: 4, model_calls: 1 });
});

test('a text that no answer fits is not paid for again in the same prompt, comes up in three nights, and writes nothing', async () => {
  const { lab, model, become } = await openDesk(({ schema }) => forEach(schema, { kind: 'odd' }));
  await lab.write(...morning(24));
  const calls: number[] = [];
  for (const day of [2, 3, 4, 5, 6]) {
    const before = model.asked.length;
    await lab.live(`2026-03-0${String(day)}T03:00:00Z`, ['ingestMemories', 'readFeatures']);
    calls.push(model.asked.length - before);
  }
  // A batch and its repair, which takes two prompts with the wrong answers in it; in the second night the important ones come first, in the third it is the same prompt once more.
  expect(calls).toEqual([3, 3, 0, 0, 0]);
  expect(await lab.list(`select cached from llm_usage order by cycle_id`)).toEqual([0, 0, 3]);
  expect(await lab.list(`select unfit from llm_usage order by cycle_id`)).toEqual([24, 24, 24]);
  expect(await lab.list('select distinct changed_at::varchar from feature')).toEqual(['2026-03-02 03:00:00']);
  become('m@000000000002');
  await lab.live('2026-03-07T03:00:00Z', ['readFeatures']);
  expect(model.asked).toHaveLength(9);
  // It begins afresh.
  expect(await lab.list('select distinct tries from llm_unfit')).toEqual([1]);
});

test('what failed of a text says nothing of its next wording', async () => {
  let odd = true;
  const { lab, become } = await openDesk((request) =>
    odd ? forEach(request.schema, { kind: 'odd' }) : sayLittle(request),
  );
  const lines = morning(24);
  await lab.write(...lines);
  const steps = ['ingestMemories', 'readFeatures'] as const;
  for (const night of NIGHTS) await lab.live(night, steps);
  expect(await lab.list('select distinct tries from llm_unfit')).toEqual([3]);
  odd = false;
  become(down);
  await lab.write(...lines.map((line) => ({ ...line, content: `${line.content} Again.`, updated: NIGHTS[2] })));
  await lab.live('2026-03-05T03:00:00Z', steps);
  become('m@000000000001');
  await lab.live('2026-03-06T03:00:00Z', steps);
  expect(await signatures(lab)).toEqual([{ made_by: 'ollama:m@000000000001#features.1', n: 24 }]);
});

test('what a model has answered is committed batch by batch: a step that breaks off asks for the rest only', async () => {
  let broken = false;
  const { lab, model } = await openDesk((request) => {
    if (model.asked.length === 4 && !broken) {
      broken = true;
      throw new TypeError('the worker was killed');
    }
    return sayLittle(request);
  });
  await lab.write(...morning(120));
  await lab.run('ingestMemories', NIGHTS[0]);
  await expect(lab.run('readFeatures', NIGHTS[0])).rejects.toThrow('the worker was killed');
  expect(await lab.list('select count(*)::int from feature')).toEqual([48]);
  const counts = await lab.run('readFeatures', NIGHTS[0]);
  // What was answered of the chunk that was lost is kept; the two calls are not in the books.
  expect(counts).toMatchObject({ read: 120, read_by_rules: 0, model_calls: 4, model_cached: 1, model_hit_rate: 0.2 });
  const texts = model.asked.slice(4).map(({ schema }) => numbersOf(schema).length);
  expect(texts).toEqual([24, 24]);
  // A second attempt of a step that is done tells the same.
  expect(await lab.run('readFeatures', NIGHTS[0])).toEqual(counts);
});

test('a call that the server fails is counted, and does not keep the next cycle from asking', async () => {
  let works = false;
  const { lab, model } = await openDesk((request) => (works ? sayLittle(request) : down));
  await lab.write(...morning(5));
  const first = await lab.live(NIGHTS[0], ['ingestMemories', 'readFeatures']);
  expect(first.readFeatures).toMatchObject({ model_calls: 1, model_failed: 1, waiting_for_model: 5 });
  works = true;
  expect((await lab.live(NIGHTS[1], ['readFeatures'])).readFeatures).not.toHaveProperty('waiting_for_model');
  expect(model.asked).toHaveLength(2);
});

test('a step that breaks off forgets neither the calls that were answered nor those that failed', async () => {
  const { lab, model } = await openDesk((request) => {
    if (model.asked.length === 1) return down;
    if (model.asked.length === 3) throw new TypeError('the worker was killed');
    return sayLittle(request);
  });
  await lab.write(...morning(100));
  await lab.run('ingestMemories', NIGHTS[0]);
  // Of its first two prompts one fails; then it breaks off.
  await expect(lab.run('readFeatures', NIGHTS[0])).rejects.toThrow('the worker was killed');
  // 76 are left of a hundred: four prompts, of which one was answered beside the one that broke off.
  const counts = await lab.run('readFeatures', NIGHTS[0]);
  expect(counts).toMatchObject({ model_calls: 2 + 3, model_cached: 1, model_failed: 1 });
});

test('what a model costs is no part of the state', async () => {
  const { lab } = await openDesk();
  await lab.write(...morning(5));
  await lab.live(NIGHTS[0]);
  expect(await lab.list(`select step from llm_usage order by step`)).toEqual(['describeEpisodes', 'readFeatures']);
  expect(Object.keys(await lab.state()).filter((table) => table.startsWith('llm'))).toEqual([]);
});

test('a rehearsal asks no model', async () => {
  const { lab, model } = await openDesk();
  await lab.write(...morning(5));
  const input = {
    asOf: '2026-03-02T03:00:00.000Z',
    dryRun: true,
    limits: {},
    stages: ['ingest', 'workingMemory'] as const,
  };
  const counts = await makeEnvironment().run(lab.activities.rehearse, input);
  expect(counts).toMatchObject({ workingMemory: { read: 5, read_by_rules: 5 } });
  expect(model.asked).toEqual([]);
});

test('a text that cannot be read stops no other; it is named, and read when it can be', async () => {
  let unreadable = 'memory b';
  const lab = await openLab({}, (scripted) => ({
    ...scripted,
    answerMany: async (task, inputs, signal) => {
      if (JSON.stringify(inputs).includes(unreadable))
        throw new UnreadableText('cannot be read by the rules (RangeError)');
      return scripted.answerMany(task, inputs, signal);
    },
  }));
  await lab.write(...['a', 'b', 'c'].map((id) => ({ id, at: '2026-03-01T10:00:00Z' })));
  await lab.run('ingestMemories', NIGHTS[0]);
  expect(await lab.run('readFeatures', NIGHTS[0])).toMatchObject({ read: 2, rejected: 1 });
  expect(await lab.list('select memory_id from memory order by 1')).toEqual(['a', 'c']);
  expect(await lab.activities.listRejected({ stage: 'workingMemory' })).toEqual([
    { id: 'b', column: 'features', reason: 'cannot be read by the rules (RangeError)', rows: 1 },
  ]);
  unreadable = 'nothing';
  expect(await lab.run('readFeatures', NIGHTS[1])).toEqual({ read: 1, read_by_rules: 1 });
  expect(await lab.activities.listRejected({ stage: 'workingMemory' })).toEqual([]);
});
