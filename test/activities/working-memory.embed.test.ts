import { expect, test } from 'vitest';
import { ModelNotFound, ModelUnavailable } from '../../llm/model-error.ts';
import type { Parameters } from '../../memory/parameters.ts';
import type { LlmSettings } from '../../profiles/pipeline.ts';
import { Lab, makeEnvironment, openLab, type Written } from '../support/lab.ts';
import { scriptEmbedder, type Meaning, type ScriptedEmbedder } from '../support/scripted-embedder.ts';

const NIGHTS = ['2026-03-02T03:00:00Z', '2026-03-03T03:00:00Z', '2026-03-04T03:00:00Z'] as const;
const EMBED = ['ingestMemories', 'readFeatures', 'attendMemories', 'embedMemories'] as const;
const BUDGET = { calls: 1000, tokens: 1e9, seconds: 3600 };
const down = new ModelUnavailable('Ollama does not answer');

type Desk = ScriptedEmbedder & { readonly lab: Lab };

/** A pipeline without a model that reads, and with one that embeds. */
async function openDesk(
  meaning: Meaning = () => [3, 4],
  settings: Partial<LlmSettings> = {},
  parameters: Partial<Parameters> = {},
): Promise<Desk> {
  const scripted = scriptEmbedder(meaning);
  const lab = await openLab(parameters, undefined, { parallel: 1, ...settings }, { embedder: scripted.embedder });
  return { ...scripted, lab };
}

const at = (id: string, more: Partial<Written> = {}): Written => ({
  ...{ id, at: '2026-03-01T10:00:00Z', agent: 'ada', found: {} },
  ...more,
});
const many = (count: number, from = 0): Written[] =>
  Array.from({ length: count }, (_, index) =>
    at(`m${String(from + index).padStart(3, '0')}`, {
      at: new Date(Date.UTC(2026, 2, 1) + index * 60_000).toISOString(),
    }),
  );
const embed = async (lab: Lab, night: string = NIGHTS[0]) => (await lab.live(night, EMBED)).embedMemories;
const held = (lab: Lab) => lab.rows('select model, count(*)::int as n from embedding group by model order by model');

test('every new memory gets a vector of length 1, in batches of 32, and is not embedded again', async () => {
  const { lab, model } = await openDesk();
  await lab.write(...many(70));
  expect(await embed(lab)).toMatchObject({ embedded: 70, embed_calls: 3 });
  expect(model.batches.map(({ length }) => length)).toEqual([32, 32, 6]);
  expect(await lab.list('select distinct vector from embedding')).toEqual([[Math.fround(0.6), Math.fround(0.8)]]);
  await lab.write(...many(1, 70));
  expect(await embed(lab, NIGHTS[1])).toMatchObject({ embedded: 1, embed_calls: 1 });
  expect(model.batches.at(-1)).toEqual(['memory m070']);
});

test('a long memory is embedded in parts by its first eight thousand characters, and counts once', async () => {
  const { lab, texts } = await openDesk();
  await lab.write(at('a', { content: 'x'.repeat(9000) }), at('b', { at: '2026-03-01T09:00:00Z' }));
  expect(await embed(lab)).toMatchObject({ embedded: 2 });
  expect(texts().map(({ length }) => length)).toEqual([8, ...Array.from({ length: 10 }, () => 800)]);
  expect(await lab.list("select memory_id || ' ' || part from embedding order by memory_id, part")).toEqual([
    ...Array.from({ length: 10 }, (_, part) => `a ${String(part)}`),
    'b 0',
  ]);
});

test('long memories are committed before as many texts are embedded as short ones would be', async () => {
  const { lab, model } = await openDesk();
  await lab.write(...many(10).map((memory) => ({ ...memory, content: `${memory.id} ${'x '.repeat(3_900)}` })));
  await embed(lab);
  // Two calls of 32 texts to a commit: six memories of ten parts.
  expect(model.batches.map(({ length }) => length)).toEqual([32, 28, 32, 8]);
});

test('of a long memory that is reworded to a short one no part is left', async () => {
  const { lab } = await openDesk();
  await lab.write(at('a', { content: 'many words '.repeat(200) }));
  await embed(lab);
  expect(await lab.list('select count(*)::int from embedding')).toEqual([3]);
  await lab.write(at('a', { content: 'few words', updated: '2026-03-02T10:00:00Z' }));
  expect(await embed(lab, NIGHTS[1])).toMatchObject({ embedded: 1 });
  expect(await lab.rows('select part from embedding')).toEqual([{ part: 0 }]);
});

test('what the model cannot embed of a long memory is left out of it; a memory of such parts alone is unfit', async () => {
  const { lab } = await openDesk((text) => (text.includes('@') ? new ModelUnavailable('HTTP 500: NaN') : [3, 4]));
  const part = (mark: string) => `${`w${mark}rd `.repeat(130)}.\n`;
  await lab.write(at('a', { content: part('o') + part('@') + part('o') }), at('b', { content: part('@') + part('@') }));
  expect(await embed(lab)).toMatchObject({ embedded: 1, waiting_for_embedding: 1 });
  expect(await lab.rows('select memory_id, count(*)::int as parts from embedding group by all')).toEqual([
    { memory_id: 'a', parts: 2 },
  ]);
});

test('without an embedder there is no vector, no count, and nothing waits', async () => {
  const lab = await openLab();
  await lab.write(...many(3));
  expect(await embed(lab)).toEqual({});
  expect(await lab.rows('from embedding')).toEqual([]);
  expect(await lab.rows('from llm_usage')).toEqual([]);
});

test('a rehearsal embeds nothing', async () => {
  const { lab, model } = await openDesk();
  await lab.write(...many(3));
  const asOf = new Date(NIGHTS[0]).toISOString();
  const stages = ['ingest', 'workingMemory', 'shortTermMemory'] as const;
  const input = { asOf, dryRun: true, limits: {}, stages };
  const counts: { workingMemory?: unknown } = await makeEnvironment().run(lab.activities.rehearse, input);
  expect(counts.workingMemory).not.toHaveProperty('embedded');
  expect(model.batches).toEqual([]);
});

test('while the model is away all waits; when it is back all is embedded', async () => {
  const { lab, become, lines } = await openDesk();
  become(new ModelNotFound('http://127.0.0.1:11434', 'all-minilm'));
  await lab.write(...many(40));
  expect(await embed(lab)).toEqual({ embedded: 0, waiting_for_embedding: 40 });
  expect(await embed(lab, NIGHTS[1])).toEqual({ embedded: 0, waiting_for_embedding: 40 });
  expect(lines).toEqual([expect.stringMatching(/"ollama pull all-minilm".*Memories are not embedded until it can\.$/)]);
  become('e@000000000001');
  expect(await embed(lab, NIGHTS[2])).toMatchObject({ embedded: 40, embed_calls: 2 });
  expect(await lab.list(`select waiting_for_embedding from llm_usage order by cycle_id`)).toEqual([40, 40, 0]);
});

test('a model that goes away in the middle is asked three times, and the rest waits', async () => {
  let left = 40;
  const { lab, model } = await openDesk(() => (left-- > 0 ? [1, 0] : down));
  await lab.write(...many(500));
  expect(await embed(lab)).toMatchObject({ embedded: 32, waiting_for_embedding: 468 });
  // Of 64 texts at once two batches; then three with a harmless text after each to tell who fails.
  expect(model.batches.length).toBeLessThanOrEqual(1 + 2 * 3);
});

test('what was embedded is committed chunk by chunk: a step that is killed goes on where it was', async () => {
  let [asked, killed] = [0, false];
  const { lab, texts } = await openDesk(() => {
    asked += 1;
    if (asked === 100 && !killed) {
      killed = true;
      throw new TypeError('the worker was killed');
    }
    return [1, 0];
  });
  await lab.write(...many(150));
  await expect(embed(lab)).rejects.toThrow('the worker was killed');
  expect(await held(lab)).toEqual([{ model: 'e@000000000001', n: 64 }]);
  const before = texts().length;
  // The two calls whose chunk was lost are not in the books.
  expect(await lab.run('embedMemories', NIGHTS[0])).toMatchObject({ embedded: 150, embed_calls: 2 + 3 });
  expect(texts().length - before).toBe(150 - 64);
});

test('a vector of another length than those that are kept is told and left out, also by a worker that has just started', async () => {
  let length = 2;
  const meaning: Meaning = () => Array.from({ length }, () => 1);
  const { lab } = await openDesk(meaning);
  await lab.write(...many(3));
  await embed(lab);
  length = 4;
  const other = scriptEmbedder(meaning);
  const restarted = new Lab(lab.profile, lab.database, undefined, undefined, other.embedder);
  await restarted.write(...many(2, 3));
  expect(await embed(restarted, NIGHTS[1])).toMatchObject({ embedded: 0, model_unfit: 2, waiting_for_embedding: 2 });
  expect(other.lines.slice(1)).toEqual([
    expect.stringMatching(
      /^e@000000000001 gives vectors of 4 numbers where its others have 2: .*delete from embedding/,
    ),
  ]);
  expect(await lab.list('select distinct len(vector)::int from embedding')).toEqual([2]);
  // As soon as it is put right they are embedded.
  length = 2;
  expect(await embed(restarted, NIGHTS[2])).toMatchObject({ embedded: 2 });
});

test('vectors of several lengths that are kept already stop no night: the fewer ones are made again', async () => {
  const { lab } = await openDesk(() => [3, 4]);
  await lab.write(...many(5));
  await embed(lab);
  await lab.rows(`update embedding set vector = [1, 0, 0] where memory_id = (select min(memory_id) from embedding)`);
  await lab.live(NIGHTS[1]);
  await lab.live(NIGHTS[2]);
  expect(await lab.list('select distinct len(vector)::int from embedding')).toEqual([2]);
  expect(await held(lab)).toEqual([{ model: 'e@000000000001', n: 5 }]);
});

test.each([
  ['endless', [Number.POSITIVE_INFINITY, 1]],
  ['not a number', [Number.NaN, 1]],
  ['empty', []],
])('a vector that is %s is counted, and takes no other memory along', async (_, bad) => {
  const { lab } = await openDesk((text) => (text === 'memory m001' ? bad : [3, 4]));
  await lab.write(...many(3));
  expect(await embed(lab)).toMatchObject({ embedded: 2, model_unfit: 1 });
});

test('when the seconds of the cycle are used up the rest waits', async () => {
  const { lab, texts } = await openDesk(undefined, { budget: { ...BUDGET, seconds: 0 } });
  await lab.write(...many(3));
  expect(await embed(lab)).toEqual({ embedded: 0, waiting_for_embedding: 3 });
  expect(texts()).toEqual([]);
});

test('calls and tokens that reading has used up keep no memory from being embedded', async () => {
  const { lab } = await openDesk(undefined, { budget: { calls: 0, tokens: 0, seconds: 3600 } });
  await lab.write(...many(3));
  expect(await embed(lab)).toMatchObject({ embedded: 3 });
});

test('new memories come before those that are embedded again, in each in tenths the most important, then the oldest', async () => {
  const { lab, texts, become } = await openDesk();
  await lab.write(at('old low', { found: { importance: 0.2 } }), at('old high', { found: { importance: 0.9 } }));
  await embed(lab);
  become('e@000000000002');
  await lab.write(
    at('new low', { at: '2026-03-02T10:00:00Z', found: { importance: 0.21 } }),
    at('new low too, later', { at: '2026-03-02T11:00:00Z', found: { importance: 0.24 } }),
    at('new high', { at: '2026-03-02T12:00:00Z', found: { importance: 0.9 } }),
  );
  const before = texts().length;
  await embed(lab, NIGHTS[1]);
  const ids = ['new high', 'new low', 'new low too, later', 'old high', 'old low'];
  expect(texts().slice(before)).toEqual(ids.map((id) => `memory ${id}`));
});

test('a reworded memory is embedded again, a deleted one loses its vector', async () => {
  const { lab, texts } = await openDesk((text) => [1, text.length]);
  await lab.write(...many(3));
  await embed(lab);
  await lab.write(at('m000', { content: 'other words', updated: '2026-03-02T10:00:00Z' }));
  await lab.erase('m001');
  const before = texts().length;
  expect(await embed(lab, NIGHTS[1])).toMatchObject({ embedded: 1 });
  expect(texts().slice(before)).toEqual(['other words']);
  const [row] = await lab.rows(`select e.content_hash = r.content_hash as present, compared_at, vector[2]::double as y
    from embedding e join raw_memory r using (memory_id) where memory_id = 'm000'`);
  expect(row).toEqual({ present: true, compared_at: null, y: expect.closeTo(11 / Math.hypot(1, 11), 6) });
  expect(await lab.list('select memory_id from embedding order by 1')).toEqual(['m000', 'm002']);
});

test('another digest is a re-embedding that goes on over nights; the old vectors go when it is done', async () => {
  let left = Number.POSITIVE_INFINITY;
  const { lab, become } = await openDesk((_, identity) => {
    left -= 1;
    return left < 0 ? down : identity.endsWith('1') ? [1, 0] : [0, 1, 0];
  });
  await lab.write(...many(100));
  await embed(lab);
  become('e@000000000002');
  left = 64;
  expect(await embed(lab, NIGHTS[1])).toMatchObject({ embedded: 64, waiting_for_embedding: 36 });
  const [one, two] = ['e@000000000001', 'e@000000000002'];
  expect(await held(lab)).toEqual([
    { model: one, n: 100 },
    { model: two, n: 64 },
  ]);
  become(two);
  left = Number.POSITIVE_INFINITY;
  expect(await embed(lab, NIGHTS[2])).toMatchObject({ embedded: 36, embed_calls: 2 });
  expect(await held(lab)).toEqual([{ model: two, n: 100 }]);
});

test('the model before takes up its own vectors where it comes back halfway', async () => {
  const { lab, become, texts } = await openDesk();
  await lab.write(...many(40));
  await embed(lab);
  become('e@000000000002');
  await lab.rows(`insert into embedding select memory_id, 'e@000000000002', 0, content_hash, [1], null, changed_at
    from embedding limit 7`);
  become('e@000000000001');
  const before = texts().length;
  await embed(lab, NIGHTS[1]);
  expect(texts().length).toBe(before);
  expect(await held(lab)).toEqual([{ model: 'e@000000000001', n: 40 }]);
});

test('vectors that were made while another model took over that name are not kept', async () => {
  let swap: () => void = () => undefined;
  const { lab, become } = await openDesk((text) => {
    if (text === 'memory m080') swap();
    return [1, 0];
  });
  swap = () => become('e@000000000002');
  await lab.write(...many(100));
  // The first chunk is the old model's, the second nobody knows whose.
  expect(await embed(lab)).toMatchObject({ embedded: 64, waiting_for_embedding: 36 });
  expect(await held(lab)).toEqual([{ model: 'e@000000000001', n: 64 }]);
});

test('texts on which the model fails keep no other from being embedded, come last, and are given up after three nights', async () => {
  const { lab, texts } = await openDesk((text) =>
    /m00[0-4]/.test(text) ? new ModelUnavailable('json: unsupported value: NaN') : /m009/.test(text) ? [0, 0] : [1, 0],
  );
  await lab.write(...many(100));
  expect(await embed(lab)).toMatchObject({ embedded: 94, waiting_for_embedding: 6 });
  await lab.write(...many(1, 100));
  const before = texts().length;
  expect(await embed(lab, NIGHTS[1])).toMatchObject({ embedded: 1, waiting_for_embedding: 6 });
  expect(texts()[before]).toBe('memory m100');
  const third = await embed(lab, NIGHTS[2]);
  expect(third).toMatchObject({ embedded: 0 });
  expect(third).not.toHaveProperty('waiting_for_embedding');
  const last = texts().length;
  await embed(lab, '2026-03-05T03:00:00Z');
  expect(texts().length).toBe(last);
});

test('a second attempt of a step that is done tells the same and asks nothing', async () => {
  const { lab, texts } = await openDesk();
  await lab.write(...many(3));
  const counts = await embed(lab);
  expect(await lab.run('embedMemories', NIGHTS[0])).toEqual(counts);
  expect(texts()).toHaveLength(3);
});
