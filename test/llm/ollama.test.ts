import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { openOllama } from '../../llm/ollama.ts';
import { makeCertificate } from '../support/certificate.ts';
import { reply, startFakeOllama, type FakeOllama, type Script } from '../support/fake-ollama.ts';
import { drip, faults } from '../support/ollama-faults.ts';
import { describeModel, settingsFor } from './model.contract.ts';

const signal = new AbortController().signal;

let fake: FakeOllama;
beforeAll(async () => (fake = await startFakeOllama(undefined, { keep: true })));
afterAll(() => fake.close());
describeModel('a fake Ollama', () => fake.url);

/** A model on a server whose answers to generate and embed are scripted. */
async function openScripted(script: Script, more = {}) {
  const server = await startFakeOllama((asked, response) =>
    asked.path === 'generate' || asked.path === 'embed' ? script(asked, response) : false,
  );
  const model = openOllama(settingsFor(server.url, more));
  const generate = (cancel = signal, options = {}) => model.generate({ prompt: 'x', options }, cancel);
  return { server, model, generate };
}

describe('what comes instead of an answer is a clear error', () => {
  test.each(faults)('%s', async (_, name, message, script) => {
    const { server, generate } = await openScripted(script);
    const said = vi.spyOn(console, 'log');
    await expect(generate()).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
    expect(server.asked.filter(({ path }) => path === 'generate')).toHaveLength(1); // it does not retry
    expect(said).not.toHaveBeenCalled(); // stdout is the command's
  });

  test('fewer vectors than texts', async () => {
    const { model } = await openScripted((_, response) => reply(response, { embeddings: [[1, 0]] }));
    await expect(model.embed(['a', 'b'], signal)).rejects.toThrow(/it sent 1 vectors for 2 texts$/);
  });

  test('a server that is no Ollama, or an address that leads too deep into one', async () => {
    const { url } = await startFakeOllama((_, response) => Boolean(response.writeHead(404).end('404 page not found')));
    await expect(openOllama(settingsFor(`${url}/api`)).identify('generate')).rejects.toMatchObject({
      name: 'ModelRefused',
      message: expect.stringMatching(/^something answers at .*, but it is no Ollama \(HTTP 404\): .* without a path/),
    });
  });

  test('a port on which nobody listens', async () => {
    const model = openOllama(settingsFor('http://127.0.0.1:1'));
    await expect(model.generate({ prompt: 'x', options: {} }, signal)).rejects.toMatchObject({
      name: 'ModelUnavailable',
      message: 'Ollama does not answer at http://127.0.0.1:1: bad port',
    });
  });

  test('a certificate that nobody vouches for', async () => {
    const { url } = await startFakeOllama(undefined, { certificate: makeCertificate('127.0.0.1') });
    await expect(openOllama(settingsFor(url)).identify('generate')).rejects.toMatchObject({
      name: 'ModelRefused',
      message: expect.stringMatching(
        /^the certificate of https:.* is not trusted \(self.signed certificate\); NODE_EXTRA_CA_CERTS/,
      ),
    });
  });
});

describe('a call ends in its time', () => {
  test('when one byte comes every tenth of a second', async () => {
    const { generate } = await openScripted(drip);
    const began = Date.now();
    await expect(generate(signal, { timeout: 0.5 })).rejects.toMatchObject({
      name: 'ModelUnavailable',
      message: expect.stringMatching(/gave no complete answer within 0\.5 s \(the option timeout\)$/),
    });
    expect(Date.now() - began).toBeLessThan(3_000);
  });

  // 32.01 * 1000 is 32009.999999999996.
  test.each([32.01, 120.0005])('also of %s s, which are no whole number of milliseconds', async (timeout) => {
    const { generate, model } = await openScripted(
      ({ path }, response) => reply(response, path === 'embed' ? { embeddings: [[1]] } : { response: 'x', done: true }),
      { timeout },
    );
    expect((await generate()).text).toBe('x');
    expect((await generate(signal, { timeout })).text).toBe('x');
    expect(await model.embed(['x'], signal)).toHaveLength(1);
  });

  test('also of less than a millisecond', async () => {
    const { generate } = await openScripted(drip);
    await expect(generate(signal, { timeout: 1e-9 })).rejects.toThrow(/within 1e-9 s \(the option timeout\)$/);
  });

  test('when it is cancelled in the middle of an answer: with the reason given, and the server sees it go', async () => {
    let gone = false;
    const cancel = new AbortController();
    const { generate } = await openScripted((_, response) => {
      response.write('{"response": "half', () => {
        cancel.abort(new Error('the activity was cancelled'));
      });
      response.once('close', () => (gone = true));
      return true;
    });
    await expect(generate(cancel.signal)).rejects.toThrow('the activity was cancelled');
    await vi.waitFor(() => {
      expect(gone).toBe(true);
    });
  });

  test('when it is cancelled while it waits for its turn, it is never sent', async () => {
    const cancel = new AbortController();
    const { server, generate } = await openScripted(
      async (_, response) => {
        await delay(100);
        return reply(response, { response: 'x', done: true });
      },
      { parallel: 1 },
    );
    const first = generate();
    const second = generate(cancel.signal);
    await vi.waitFor(() => {
      expect(server.asked.some(({ path }) => path === 'generate')).toBe(true);
    });
    cancel.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    expect((await first).text).toBe('x');
    expect(server.asked.filter(({ path }) => path === 'generate')).toHaveLength(1);
  });
});

test('as many calls are under way at once as the profile allows', async () => {
  const { server, generate } = await openScripted(
    async (_, response) => {
      await delay(20);
      return reply(response, { response: 'x', done: true });
    },
    { parallel: 3 },
  );
  await Promise.all(Array.from({ length: 12 }, () => generate()));
  expect(server.most()).toBe(3);
});

test('a request says all that the answer depends on, and no thinking', async () => {
  const { server, model } = await openScripted((_, response) => reply(response, { response: 'x', done: true }));
  const options = { temperature: 0, seed: 5, num_predict: 9, num_ctx: 1024, keep_alive: '5m', timeout: 3 };
  await model.generate({ prompt: 'p', schema: '{"type":"string","pattern":"a"}', options }, signal);
  expect(server.asked.at(-1)?.body).toEqual({
    ...{ model: 'tiny-random', prompt: 'p', think: false, stream: false, keep_alive: '5m', format: { type: 'string' } },
    options: { temperature: 0, seed: 5, num_predict: 9, num_ctx: 1024 },
  });
  await model.generate({ prompt: 'p', options: {} }, signal);
  expect(server.asked.at(-1)?.body['options']).toEqual({ num_ctx: 4096, num_predict: 1024 });
});

test('a thousand texts are embedded in 32 calls, in their order', async () => {
  const server = await startFakeOllama();
  const texts = Array.from({ length: 1_000 }, (_, index) => 'abcdefghij'.charAt(index % 10));
  const vectors = await openOllama(settingsFor(server.url)).embed(texts, signal);
  expect(vectors.map((vector) => vector.indexOf(1))).toEqual(texts.map((_, index) => index % 10));
  expect(server.asked.filter(({ path }) => path === 'embed')).toHaveLength(32);
});

test('a model that was pulled again is noticed after half a minute', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const server = await startFakeOllama();
  const model = openOllama(settingsFor(server.url));
  const before = await model.identify('generate');
  server.digests.set('tiny-random', 'f'.repeat(64));
  expect(await model.identify('generate')).toBe(before);
  vi.setSystemTime(Date.now() + 30_001);
  expect(await model.identify('generate')).toBe('tiny-random@ffffffffffff');
});

test('user and password of the address go into a header, and into no message', async () => {
  const server = await startFakeOllama();
  const url = server.url.replace('//', '//ada:s%40cret@');
  const model = openOllama(settingsFor(url));
  await model.identify('generate');
  expect(server.asked[0]?.authorization).toBe(`Basic ${Buffer.from('ada:s@cret').toString('base64')}`);
  const failure = await model.identify('generate', 'nope').catch((error: unknown) => String(error));
  expect(failure).not.toMatch(/ada|cret/);
});

test('without an address, or a model for the task, it says which setting is missing', async () => {
  expect(() => openOllama(settingsFor('', { url: null }))).toThrow(/set OLLAMA_URL, or pipeline\.llm\.url/);
  const model = openOllama(settingsFor(fake.url, { generate: null, embed: null }));
  await expect(model.identify('generate')).rejects.toThrow('set OLLAMA_MODEL, or pipeline.llm.generate');
  await expect(model.embed(['x'], signal)).rejects.toThrow('set OLLAMA_EMBED_MODEL, or pipeline.llm.embed');
});
