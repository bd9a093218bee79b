import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createEmbedder, openEmbedder } from '../../llm/embedder.ts';
import { Meter } from '../../llm/meter.ts';
import { ModelUnavailable } from '../../llm/model-error.ts';
import { openOllama } from '../../llm/ollama.ts';
import { openReader } from '../../llm/reader.ts';
import { reply, startFakeOllama, type Script } from '../support/fake-ollama.ts';
import { scriptEmbedder } from '../support/scripted-embedder.ts';
import { scriptModel } from '../support/scripted-model.ts';
import { settingsFor } from './model.contract.ts';

const signal = new AbortController().signal;
const EMBEDS = 'all-minilm@222222222222';
const texts = (count: number) => Array.from({ length: count }, (_, index) => `text ${String(index)}`);
const lengthOf = (vector: unknown) => (vector instanceof Float32Array ? Math.hypot(...vector) : vector);

/** An embedder on a server in this process. */
async function open(script?: Script) {
  const lines: string[] = [];
  const server = await startFakeOllama(script);
  const settings = settingsFor(server.url);
  const embedder = await openEmbedder(openOllama(settings), (line) => void lines.push(line));
  if (embedder === null) throw new Error('there is no embedder');
  const embedCalls = () => server.asked.filter(({ path }) => path === 'embed').length;
  return { server, embedder, lines, embedCalls };
}

test('it needs no model that generates', async () => {
  const server = await startFakeOllama();
  const settings = settingsFor(server.url, { generate: null, extract: null });
  const embedder = await openEmbedder(openOllama(settings), () => undefined);
  expect(await embedder?.sign()).toBe(EMBEDS);
  expect((await embedder?.embedMany(EMBEDS, ['a'], signal, new Meter()))?.map(lengthOf)).toEqual([
    expect.closeTo(1, 6),
  ]);
});

test('a hundred texts are four calls, which the books show apart from those to generate; every vector has length 1', async () => {
  const { embedder, embedCalls, lines } = await open();
  const meter = new Meter({ calls: 0, tokens: 0, seconds: 60 });
  const vectors = await embedder.embedMany(EMBEDS, texts(100), signal, meter);
  expect(new Set(vectors.map((vector) => Math.round(Number(lengthOf(vector)) * 1e6)))).toEqual(new Set([1e6]));
  expect(embedCalls()).toBe(4);
  expect(meter.used).toMatchObject({ embedCalls: 4, calls: 0, promptTokens: 0 });
  expect(meter.used.seconds).toBeGreaterThan(0);
  expect(lines).toEqual([`Ollama embeds the memories: ${EMBEDS}`]);
});

test('a missing model is told once with the command that brings it, and the other one reads all the same', async () => {
  const server = await startFakeOllama();
  server.digests.delete('all-minilm');
  const lines: string[] = [];
  const report = (line: string) => void lines.push(line);
  const settings = settingsFor(server.url);
  const model = openOllama(settings);
  const reader = await openReader(model, settings, report);
  const embedder = await openEmbedder(model, report);
  for (let turn = 0; turn < 5; turn += 1) expect(await embedder?.sign()).toBeNull();
  expect(lines).toEqual([
    'Ollama reads the text: tiny-random@111111111111',
    `Ollama at ${server.url} has no model all-minilm: run "ollama pull all-minilm", or name another one. Memories are not embedded until it can.`,
  ]);
  expect(reader.asks).toBe(true);
  server.digests.set('all-minilm', '2'.repeat(64));
  expect(await embedder?.sign()).toBe(EMBEDS);
  expect(lines.at(-1)).toBe(`Ollama embeds the memories: ${EMBEDS}`);
});

test('a server that is down is asked no more after three failures in a row, and says so once', async () => {
  const { embedder, embedCalls, lines } = await open(
    ({ path }, response) => path === 'embed' && reply(response, { error: 'no memory' }, 500),
  );
  const vectors = await embedder.embedMany(EMBEDS, texts(1000), signal, new Meter());
  expect(vectors).toEqual(texts(1000).map(() => null));
  // Four at once are under way when the third fails; with each goes a text on which no model fails.
  expect(embedCalls()).toBeLessThanOrEqual(2 * 6);
  expect(lines.slice(1)).toEqual([
    expect.stringMatching(/HTTP 500: no memory\. Memories are not embedded; it is tried again every 60 s\.$/),
  ]);
  expect(await embedder.sign()).toBeNull();
});

test.each([
  ['fails on', new ModelUnavailable('HTTP 500: json: unsupported value: NaN')],
  ['gives a vector without direction for', [0, 0]],
  ['gives a vector that is endless for', [Number.POSITIVE_INFINITY, 1]],
])('a text that the model %s takes no other along, however many there are', async (_, bad) => {
  const { embedder, lines } = scriptEmbedder((text) => (/[02468]$/.test(text) ? bad : [1, 0]));
  const vectors = await embedder.embedMany('e@000000000001', texts(40), signal, new Meter());
  expect(vectors.map((vector) => (vector instanceof Float32Array ? 'embedded' : vector))).toEqual(
    texts(40).map((_text, index) => (index % 2 === 0 ? 'unfit' : 'embedded')),
  );
  expect(lines).toEqual([]);
});

test('a vector of another length than the first ones of its model is of no use', async () => {
  const { embedder } = scriptEmbedder((text) => (text === 'long' ? [1, 0, 0] : [1, 0]));
  const embed = (...some: string[]) => embedder.embedMany('e@000000000001', some, signal, new Meter());
  expect((await embed('a', 'long')).map(lengthOf)).toEqual([1, 'unfit']);
  expect((await embed('long', 'b')).map(lengthOf)).toEqual(['unfit', 1]);
});

test('vectors are not given when the server has another model under that name by their end', async () => {
  const { server, embedder } = await open(({ path }) => {
    if (path === 'embed') server.digests.set('all-minilm', '9'.repeat(64));
    return false;
  });
  expect(await embedder.sign()).toBe(EMBEDS);
  expect(await embedder.embedMany(EMBEDS, texts(3), signal, new Meter())).toEqual([null, null, null]);
  expect(await embedder.sign()).toBe('all-minilm@999999999999');
});

test('when the time is used up no further batch begins', async () => {
  const model = scriptModel();
  const embed: typeof model.embed = async (some, abort) => {
    await setTimeout(60);
    return model.embed(some, abort);
  };
  const embedder = createEmbedder({ ...model, embed }, () => undefined);
  const meter = new Meter({ calls: 9, tokens: 9, seconds: 0.05 });
  const vectors = await embedder.embedMany('large@0123456789ab', texts(100), signal, meter);
  expect(vectors.map((vector) => vector !== null)).toEqual(texts(100).map((_, index) => index < 32));
});

test('a cancelled activity ends it', async () => {
  const controller = new AbortController();
  const { embedder } = await open(({ path }) => {
    if (path === 'embed') controller.abort(new Error('cancelled'));
    return false;
  });
  await expect(embedder.embedMany(EMBEDS, texts(3), controller.signal, new Meter())).rejects.toThrow('cancelled');
});
