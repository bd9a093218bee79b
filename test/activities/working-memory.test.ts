import { expect, test } from 'vitest';
import { openLab, type Lab, type Written } from '../support/lab.ts';

const NIGHT_1 = '2026-03-02T03:00:00Z';
const NIGHT_2 = '2026-03-03T03:00:00Z';
const ATTEND = ['ingestMemories', 'readFeatures', 'attendMemories'] as const;

const attend = (lab: Lab, asOf = NIGHT_1) => lab.live(asOf, ATTEND);

/** Memories of one window, ten seconds apart, the first the most important. */
function crowd(agent: string, count: number, start = '2026-03-01T10:00:00Z'): Written[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${agent}${String(index).padStart(2, '0')}`,
    at: new Date(Date.parse(start) + index * 10_000).toISOString(),
    agent,
    found: { importance: 0.95 - index * 0.05 },
  }));
}

test('each agent has as many slots in a window as its capacity, for what has the highest priority', async () => {
  const lab = await openLab();
  await lab.write(...crowd('ada', 14), ...crowd('bob', 14), ...crowd('cyd', 3));
  await attend(lab);
  const agents = await lab.rows(
    `select agent, any_value(capacity) as capacity, count(distinct capacity)::int as capacities,
       count(wm_slot)::int as slots, list(wm_slot order by wm_slot) as numbers,
       min(attention_priority) filter (where wm_slot is not null)
         >= coalesce(max(attention_priority) filter (where wm_slot is null), 0) as best
     from working_memory group by agent order by agent`,
  );
  for (const { agent, capacity, capacities, slots, best } of agents) {
    expect(capacities, String(agent)).toBe(1);
    expect(capacity).toBeGreaterThanOrEqual(5);
    expect(capacity).toBeLessThanOrEqual(9);
    expect(slots).toBe(agent === 'cyd' ? 3 : capacity);
    expect(best).toBe(true);
  }
  expect(agents).toHaveLength(3);
});

test('each window has slots of its own', async () => {
  const lab = await openLab({ working_memory_capacity: 3, working_memory_capacity_variance: 0 });
  await lab.write(
    ...crowd('ada', 5),
    ...crowd('bob', 5, '2026-03-01T10:05:00Z').map((memory) => ({ ...memory, agent: 'ada' })),
  );
  await attend(lab);
  expect(
    await lab.rows(
      'select window_start::varchar as w, count(wm_slot)::int as n from working_memory group by w order by w',
    ),
  ).toEqual([
    { w: '2026-03-01 10:00:00', n: 3 },
    { w: '2026-03-01 10:05:00', n: 3 },
  ]);
});

test.each([
  ['a little weaker, at the edge of a grade by one', 0.42, 2],
  ['as well as what got one elsewhere', 0.5, 3],
])('what gets no slot is encoded %s', async (_, importance, grade) => {
  const lab = await openLab({ working_memory_capacity: 3, working_memory_capacity_variance: 0 });
  await lab.write(...crowd('ada', 5).map((memory) => ({ ...memory, found: { importance } })));
  await attend(lab);
  expect(
    await lab.rows(
      `select wm_slot is not null as attended, grade, count(*)::int as n
       from event join working_memory using (memory_id) group by all order by all`,
    ),
  ).toEqual([
    { attended: false, grade, n: 2 },
    { attended: true, grade: 3, n: 3 },
  ]);
});

test('slots go to what tells most, wherever in the window it stands', async () => {
  const lab = await openLab({ working_memory_capacity: 3, working_memory_capacity_variance: 0 });
  const importances = [0.8, 0.2, 0.7, 0.3, 0.1, 0.6, 0.4, 0.3, 0.2, 0.5];
  await lab.write(
    ...crowd('ada', 10).map((memory, at) => ({ ...memory, found: { importance: importances[at] ?? 0 } })),
  );
  await attend(lab);
  expect(await lab.list('select memory_id from working_memory where wm_slot is not null order by wm_slot')).toEqual([
    ...['ada00', 'ada02', 'ada05'],
  ]);
});

test('priority is the weighed sum of recency within the window, importance, urgency, arousal and novelty', async () => {
  const lab = await openLab({
    ...{ attention_recency_weight: 0.35, attention_importance_weight: 0.3, attention_urgency_weight: 0.15 },
    ...{ attention_arousal_weight: 0.1, attention_novelty_weight: 0.1 },
  });
  const found = { importance: 0.5, urgency: 0.4, arousal: 0.2, mentions: ['Halifax', 'Boston'] };
  await lab.write(
    { id: 'a', at: '2026-03-01T10:04:00Z', agent: 'ada', found },
    {
      id: 'b',
      at: '2026-03-01T10:14:00Z',
      agent: 'ada',
      content: 'other',
      found: { ...found, mentions: ['Boston', 'Truro'] },
    },
    { id: 'c', at: '2026-03-01T10:14:00Z', agent: 'bob', content: 'third', found: { ...found, mentions: ['Boston'] } },
  );
  await attend(lab);
  const rows = await lab.rows(
    'select recency_weight as r, novelty as n, attention_priority as p from working_memory order by memory_id',
  );
  const recency = Math.SQRT1_2; // a minute before the window's end, half-life two minutes
  const told = 0.3 * 0.5 + 0.15 * 0.4 + 0.1 * 0.2;
  const expected = [1, 0.5, 1].map((n) => ({
    n,
    r: expect.closeTo(recency, 9),
    p: expect.closeTo(0.35 * recency + told + 0.1 * n, 9),
  }));
  expect(rows).toEqual(expected);
});

test('a late memory in an old window is weighed with the others, and nothing is encoded twice', async () => {
  const lab = await openLab({ working_memory_capacity: 3, working_memory_capacity_variance: 0 });
  const [late, ...early] = crowd('ada', 5);
  await lab.write(...early);
  await attend(lab);
  const before = await lab.rows('select * from event order by event_id');
  await lab.write({ ...late!, updated: '2026-03-02T10:00:00Z' });
  expect(await attend(lab, NIGHT_2)).toMatchObject({ attendMemories: { encoded: 1, attended: 1 } });
  expect(await lab.list('select memory_id from working_memory where wm_slot is not null order by wm_slot')).toEqual([
    'ada00',
    'ada01',
    'ada02',
  ]);
  const after = await lab.rows('select * from event order by event_id');
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after.slice(before.length)).toMatchObject([{ memory_id: 'ada00', kind: 'encode', grade: 4 }]);
});

test('times before 1970 fall into windows like any other', async () => {
  const lab = await openLab();
  await lab.write(
    { id: 'a', at: '1969-12-31T23:59:00Z', found: {} },
    { id: 'b', at: '0001-01-01T00:00:30Z', found: {} },
  );
  await attend(lab);
  expect(
    await lab.rows(
      'select window_start::varchar as w, recency_weight as r, wm_slot as s from working_memory order by memory_id',
    ),
  ).toEqual([
    { w: '1969-12-31 23:55:00', r: expect.closeTo(Math.SQRT1_2, 9), s: 1 },
    { w: '0001-01-01 00:00:00', r: expect.closeTo(Math.pow(2, -270 / 120), 9), s: 1 },
  ]);
});

test('a reworded memory is read again; its mentions are those of the new words', async () => {
  const lab = await openLab();
  await lab.write({ id: 'a', at: '2026-03-01T10:00:00Z', found: { importance: 0.2, mentions: ['Halifax'] } });
  await attend(lab);
  const updated = '2026-03-02T10:00:00Z';
  await lab.write({
    id: 'a',
    at: '2026-03-01T10:00:00Z',
    updated,
    content: 'new',
    found: { importance: 0.9, mentions: ['Boston'] },
  });
  expect(await attend(lab, NIGHT_2)).toMatchObject({ readFeatures: { read: 1 } });
  expect(await lab.list('select importance from feature')).toEqual([0.9]);
  expect(await lab.list('select entity from mention')).toEqual(['Boston']);
});

test('reading goes on from the last chunk when it was interrupted', async () => {
  const seen: number[] = [];
  const lab = await openLab({}, (scripted) => ({
    ...scripted,
    answerMany: async (task, inputs, signal) => {
      seen.push(inputs.length);
      if (seen.length === 2) throw new Error('the reader broke off');
      return scripted.answerMany(task, inputs, signal);
    },
  }));
  const found = { importance: 0.5 };
  await lab.write(
    ...Array.from({ length: 800 }, (_, index) => ({
      id: `m${index}`,
      at: new Date(Date.UTC(2026, 2, 1) + index * 1_000).toISOString(),
      found,
    })),
  );
  await lab.run('ingestMemories', NIGHT_1);
  await expect(lab.run('readFeatures', NIGHT_1)).rejects.toThrow('the reader broke off');
  expect(await lab.list('select count(*)::int from feature')).toEqual([500]);
  expect(await lab.run('readFeatures', NIGHT_1)).toEqual({ read: 800, read_by_rules: 0 });
  expect(seen).toEqual([500, 300, 300]);
});

test('of a memory longer than eight thousand characters the first are read, and it is counted', async () => {
  const lab = await openLab();
  const long = 'The pump ran all night without a fault. '.repeat(200);
  const at = '2026-03-01T08:00:00Z';
  await lab.write(
    { id: 'whole', at, content: long },
    { id: 'in-part', at, content: `${long}Then Marta found the crack in Lisbon.` },
  );
  await lab.run('ingestMemories', NIGHT_1);
  expect(await lab.run('readFeatures', NIGHT_1)).toEqual({ read: 2, read_by_rules: 2, read_in_part: 1 });
  expect(await lab.list(`select entity from mention where entity ilike '%lisbon%'`)).toEqual([]);
});
