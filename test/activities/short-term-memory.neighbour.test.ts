import { expect, test } from 'vitest';
import type { Parameters } from '../../memory/parameters.ts';
import { openLab, type Lab, type Written } from '../support/lab.ts';
import { scriptEmbedder, type Meaning } from '../support/scripted-embedder.ts';
import { ModelUnavailable } from '../../llm/model-error.ts';

const NIGHTS = ['2026-03-02T03:00:00Z', '2026-03-03T03:00:00Z', '2026-03-04T03:00:00Z'] as const;
const BIND = ['ingestMemories', 'readFeatures', 'attendMemories', 'embedMemories', 'bindEpisodes'] as const;

/** The unit vector at so many degrees. */
const towards = (degrees: number, length = 2) => {
  const angle = (degrees * Math.PI) / 180;
  return [Math.cos(angle), Math.sin(angle), 0, 0].slice(0, length);
};

async function openDesk(meaning: Meaning, parameters: Partial<Parameters> = {}) {
  const scripted = scriptEmbedder(meaning);
  const lab = await openLab(parameters, undefined, {}, { embedder: scripted.embedder });
  return { ...scripted, lab };
}

/** A memory that is named after the direction of its vector, an hour after the one before: no two share an episode. */
const written = (hour: number, degrees: number, more: Partial<Written> = {}): Written => ({
  id: String(degrees),
  at: new Date(Date.UTC(2026, 2, 1) + hour * 3_600_000).toISOString(),
  agent: 'ada',
  content: `at ${String(degrees)} degrees`,
  found: {},
  ...more,
});
const degreesIn = (text: string) => Number(/-?\d+/.exec(text)?.[0]);
const direct: Meaning = (text) => towards(degreesIn(text));
const bind = async (lab: Lab, night: string = NIGHTS[0]) => (await lab.live(night, BIND)).bindEpisodes;
const pairs = async (lab: Lab): Promise<Record<string, unknown>> => {
  const rows = await lab.rows(`select src || ' ' || dst as pair, w from association where src < dst order by pair`);
  return Object.fromEntries(rows.map(({ pair, w }) => [String(pair), w]));
};
const weight = (evidence: number): unknown => expect.closeTo(1 - Math.exp(-evidence), 6);
const cosine = (degrees: number) => Math.cos((degrees * Math.PI) / 180);

test('memories of one agent of like meaning are associated though they share nothing', async () => {
  const { lab } = await openDesk(direct);
  await lab.write(written(0, 10), written(5, 40), written(6, 20, { agent: 'bob' }), written(10, 160));
  expect(await bind(lab)).toMatchObject({ compared: 4, associations: 2 });
  expect(await pairs(lab)).toEqual({ '10 40': weight(0.5 * cosine(30)) });
  expect(await lab.list(`select count(*)::int from association where src > dst`)).toEqual([1]);
});

test('where there are many pairs, those alone are associated that stand out of their own scope, whatever the model calls near', async () => {
  // To bob's model all is near: what is ordinary to him would stand out with ada.
  const degrees = (scale: number) => Array.from({ length: 24 }, (_, place) => 10 + place * scale);
  const both = [
    ...degrees(15).map((each) => [each, 'ada'] as const),
    ...degrees(1).map((each) => [each + 400, 'bob'] as const),
  ];
  const { lab } = await openDesk(direct, { knn_k: 32, knn_min_deviation: 1 });
  await lab.write(
    ...both.map(([each, agent], place) => written(place, each, { id: `${agent}${String(each)}`, agent })),
  );
  await bind(lab, NIGHTS[2]);
  const expected = (scale: number) => {
    const all = degrees(scale);
    const cosines = all.flatMap((x, place) => all.slice(place + 1).map((y) => cosine(x - y)));
    const mean = cosines.reduce((sum, each) => sum + each, 0) / cosines.length;
    const variance = cosines.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (cosines.length - 1);
    const least = Math.min(mean + Math.sqrt(variance), (mean + Math.max(...cosines)) / 2);
    return cosines.filter((each) => each >= least).length;
  };
  const found = Object.keys(await pairs(lab));
  const of = (agent: string) => found.filter((pair) => pair.split(' ').every((id) => id.startsWith(agent))).length;
  expect([of('ada'), of('bob'), found.length]).toEqual([expected(15), expected(1), expected(15) + expected(1)]);
});

test('likeness counts together with an entity in common and with nearness in the episode', async () => {
  const { lab } = await openDesk(direct);
  const found = { mentions: ['Halifax'] };
  await lab.write(written(0, 10, { found }), written(0.1, 40, { found }), written(10, 250));
  await bind(lab);
  const idf = Math.log(1 + 1.5 / 2.5);
  expect(await pairs(lab)).toEqual({ '10 40': weight(0.5 * 0.6 + 0.1 * idf + 0.5 * cosine(30)) });
  expect(await lab.list('select distinct made_by from association')).toEqual(['entity, episode, meaning']);
});

test('each new memory has at most knn_k neighbours, the nearest; of those as near the next in order of time', async () => {
  const { lab } = await openDesk((text) => towards(/twin/.test(text) ? 100 : degreesIn(text)), { knn_k: 1 });
  const twin = (hour: number, id: string) => written(hour, 0, { id, content: `a twin ${id}` });
  await lab.write(written(0, 10), written(2, 20), written(4, 23));
  await lab.write(twin(6, 't1'), twin(8, 't2'), twin(10, 't3'), twin(12, 't4'));
  await bind(lab);
  expect(Object.keys(await pairs(lab))).toEqual(['10 20', '20 23', 't1 t2', 't2 t3', 't3 t4']);
});

test('what was embedded nights after it was bound is compared then, once, and takes nothing from what there is', async () => {
  const { lab, become } = await openDesk(direct);
  become(new ModelUnavailable('Ollama does not answer'));
  await lab.write(written(0, 10), written(0.1, 40), written(10, 20));
  expect(await bind(lab)).not.toHaveProperty('compared');
  const before = await pairs(lab);
  expect(Object.keys(before)).toEqual(['10 40']);
  become('e@000000000001');
  expect(await bind(lab, NIGHTS[1])).toMatchObject({ compared: 3 });
  expect(await pairs(lab)).toEqual({ ...before, '10 20': weight(0.5 * cosine(10)), '20 40': weight(0.5 * cosine(20)) });
  const { ledger: _1, watermark: _2, ...state } = await lab.state();
  expect(await bind(lab, NIGHTS[2])).not.toHaveProperty('compared');
  expect(await lab.state()).toMatchObject(state);
});

test('each vector keeps the time at which its neighbours were looked for, whatever is compared with it later', async () => {
  const { lab } = await openDesk(direct);
  const compared = async () =>
    Object.fromEntries(
      (await lab.rows('select memory_id, compared_at::date::varchar as day from embedding')).map((row) => [
        String(row['memory_id']),
        row['day'],
      ]),
    );
  await lab.write(written(0, 10));
  await bind(lab);
  expect(await compared()).toEqual({ 10: '2026-03-02' });
  await lab.write(written(5, 40));
  await bind(lab, NIGHTS[1]);
  expect(Object.keys(await pairs(lab))).toEqual(['10 40']);
  expect(await compared()).toEqual({ 10: '2026-03-02', 40: '2026-03-03' });
});

test('embedding in one cycle and binding in another of an earlier or later time compares all the same', async () => {
  const { lab } = await openDesk(direct);
  await lab.write(written(0, 10), written(5, 40));
  await lab.live(NIGHTS[1], ['ingestMemories', 'readFeatures', 'attendMemories', 'embedMemories']);
  await lab.run('bindEpisodes', NIGHTS[0]);
  expect(Object.keys(await pairs(lab))).toEqual(['10 40']);
});

test('a reworded memory is compared by its new words, a deleted one not at all', async () => {
  const { lab } = await openDesk(direct);
  await lab.write(written(0, 10), written(5, 100), written(10, 190));
  await bind(lab);
  expect(await pairs(lab)).toEqual({});
  await lab.write(written(10, 190, { content: 'now at 15 degrees', updated: '2026-03-02T10:00:00Z' }));
  await lab.erase('100');
  await lab.write(written(12, 280, { updated: '2026-03-02T10:00:00Z' }));
  await bind(lab, NIGHTS[1]);
  expect(await pairs(lab)).toEqual({ '10 190': weight(0.5 * cosine(5)) });
});

test('vectors of two models are never compared: not halfway through a re-embedding, not where they differ in length', async () => {
  // To the one model 10 is near 40 and far from 130; to the other, which has two numbers more, it is the other way round.
  const turned: Record<number, number> = { 10: 0, 40: 180, 130: 10, 220: 170 };
  let failing: number[] = [];
  const { lab, become } = await openDesk((text, identity) => {
    if (failing.includes(degreesIn(text))) return new ModelUnavailable('HTTP 500');
    return identity.endsWith('1') ? direct(text, identity) : towards(turned[degreesIn(text)] ?? 0, 4);
  });
  await lab.write(written(0, 10), written(5, 40));
  await bind(lab);
  expect(Object.keys(await pairs(lab))).toEqual(['10 40']);
  become('e@000000000002');
  await lab.write(written(30, 130), written(35, 220));
  failing = [40, 220];
  expect(await bind(lab, NIGHTS[1])).toMatchObject({ compared: 2 });
  expect(await lab.list('select model from embedding order by model')).toEqual(
    [1, 1, 2, 2].map((digit) => `e@00000000000${String(digit)}`),
  );
  expect(Object.keys(await pairs(lab))).toEqual(['10 130', '10 40']);
  failing = [];
  expect(await bind(lab, NIGHTS[2])).toMatchObject({ compared: 2 });
  expect(await lab.list('select distinct model from embedding')).toEqual(['e@000000000002']);
  expect(Object.keys(await pairs(lab))).toEqual(['10 130', '10 40', '220 40']);
});

/** A memory of so many parts, each named after the direction of its vector. */
const long = (hour: number, id: string, degrees: readonly number[]): Written =>
  written(hour, 0, {
    id,
    content: degrees.map((each) => `At ${String(each)} degrees ${'and so on '.repeat(70)}.`).join(' '),
  });

test('long memories are as near as the nearest two of their parts', async () => {
  const { lab, texts } = await openDesk(direct);
  await lab.write(long(0, 'a', [0, 180, 90]), long(5, 'b', [270, 100]), written(10, 185));
  await bind(lab);
  expect(texts().map(degreesIn)).toEqual([0, 180, 90, 270, 100, 185]);
  expect(await pairs(lab)).toEqual({
    '185 a': weight(0.5 * cosine(5)),
    '185 b': weight(0.5 * cosine(85)),
    'a b': weight(0.5 * cosine(10)),
  });
  await lab.write(long(20, 'c', [12, 93]));
  await bind(lab, NIGHTS[1]);
  expect(await pairs(lab)).toMatchObject({ 'a c': weight(0.5 * cosine(3)), 'b c': weight(0.5 * cosine(7)) });
});

test('the neighbours of long memories are those that looking at every pair of parts would find', async () => {
  // The parts of one are near each other, so that those of the nearest could crowd out the next.
  const places = (seed: number) =>
    Array.from({ length: 1 + (seed % 4) }, (_, part) => (seed * 137_137 + part * 4_021) % 360_000);
  const memories = Array.from({ length: 24 }, (_, index) => ({ id: `m${String(index + 10)}`, at: places(index + 1) }));
  const { lab } = await openDesk((text) => towards(degreesIn(text) / 1000), { knn_k: 2, knn_min_deviation: 0 });
  await lab.write(...memories.map(({ id, at }, hour) => long(3 * hour, id, at)));
  await bind(lab, NIGHTS[2]);
  const first = memories.map(({ at }) => at[0] ?? 0);
  const usual = first.flatMap((x, place) => first.slice(place + 1).map((y) => cosine((x - y) / 1000)));
  const least = Math.max(1e-3, usual.reduce((sum, each) => sum + each, 0) / usual.length);
  const expected = memories.flatMap(({ id, at }) => {
    const near = (other: readonly number[]) => Math.max(...at.flatMap((x) => other.map((y) => cosine((x - y) / 1000))));
    return memories
      .map((other) => ({ id: other.id, near: near(other.at) }))
      .filter((other) => other.id !== id && other.near >= least)
      .sort((a, b) => b.near - a.near)
      .slice(0, 2)
      .map((other) => [id, other.id].sort().join(' '));
  });
  expect(Object.keys(await pairs(lab))).toEqual([...new Set(expected)].sort());
});

test('parts count as vectors in what is compared in one cycle', async () => {
  const { lab } = await openDesk(direct);
  await lab.rows(`insert into raw_memory by name
    select printf('m%05d', i) as memory_id, 'ada' as agent, 'text ' || i as content, [] as tags, i::varchar as content_hash,
      timestamp '2026-03-01' + to_minutes(i) as created_at, created_at as updated_at, created_at as changed_at
    from range(1000) r(i)`);
  await lab.rows(`insert into feature by name
    select memory_id, content_hash, 'note' as kind, 0.5 as importance, 0 as urgency, 0 as arousal, 0 as valence, '' as gist,
      [] as dates, 'test' as made_by, changed_at from raw_memory`);
  await lab.rows(`insert into embedding
    select memory_id, 'e@000000000001', part, content_hash, [1], null, changed_at from raw_memory, range(10) p(part)`);
  // 707 memories of ten parts are 7,070 vectors, and their square is the last below fifty million.
  expect(await lab.run('bindEpisodes', NIGHTS[0])).toMatchObject({ compared: 707, waiting_for_comparison: 293 });
});

test('more than fifty million pairs are not compared in one cycle: the oldest first, each pair once', async () => {
  const { lab } = await openDesk(direct);
  const count = 7_100;
  await lab.rows(`insert into raw_memory by name
    select printf('m%05d', i) as memory_id, 'ada' as agent, 'text ' || i as content, [] as tags, i::varchar as content_hash,
      timestamp '2026-03-01' + to_minutes(i) as created_at, created_at as updated_at, created_at as changed_at
    from range(${String(count)}) r(i)`);
  await lab.rows(`insert into feature by name
    select memory_id, content_hash, 'note' as kind, 0.5 as importance, 0 as urgency, 0 as arousal, 0 as valence, '' as gist,
      [] as dates, 'test' as made_by, changed_at from raw_memory`);
  await lab.rows(`insert into embedding
    select memory_id, 'e@000000000001', 0, content_hash, [1], null, changed_at from raw_memory`);
  const counts = await lab.run('bindEpisodes', NIGHTS[0]);
  expect(counts).toMatchObject({ compared: 7071, waiting_for_comparison: 29 });
  expect(await lab.list('select min(memory_id) from embedding where compared_at is null')).toEqual(['m07071']);
  expect(await lab.run('bindEpisodes', NIGHTS[1])).toMatchObject({ compared: 29 });
  expect(await lab.list('select count(*)::int from embedding where compared_at is null')).toEqual([0]);
});
