import { createServer } from 'node:http';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { biomem } from '../support/biomem.ts';
import { makeFolder } from '../support/database.ts';
import { debug, fetchExtensions, listen, makeProfile, openBlackHole, ROOT } from '../support/debug.ts';
import { reply, startFakeOllama } from '../support/fake-ollama.ts';

beforeAll(fetchExtensions);

describe('Ollama', () => {
  test('has the models that the profile names, or says how to get them', async () => {
    const server = createServer((request, response) => {
      response.end(
        JSON.stringify(
          request.url === '/api/tags' ? { models: [{ name: 'all-minilm:latest' }] } : { version: '0.6.5' },
        ),
      );
    });
    const port = await listen(server);
    const env = { OLLAMA_URL: `http://127.0.0.1:${String(port)}`, OLLAMA_MODEL: 'gemma3:4b' };
    const { check } = await debug({ folder: ROOT, workspace: join(makeFolder(), 'w') }, env);
    expect(check('Ollama')).toMatchObject({ status: 'ok', verdict: 'running' });
    expect(check('model to embed')).toMatchObject({ status: 'ok', verdict: 'found' });
    expect(check('model to generate')).toMatchObject({
      status: 'error',
      path: 'biological_memory.outputs.dev.pipeline.llm.generate',
      variable: 'OLLAMA_MODEL',
      hint: 'ollama pull gemma3:4b',
    });
  });

  test('lacks the model that reads memories where that is another one than what writes', async () => {
    const { url } = await startFakeOllama();
    const llm = { url, generate: 'tiny-random', extract: 'nope', embed: null };
    const profile = makeProfile({ pipeline: { llm } });
    const { check } = await debug(profile);
    expect(check('model to generate')).toMatchObject({ status: 'ok', verdict: 'found' });
    expect(check('model to extract')).toMatchObject({
      status: 'error',
      path: 'biological_memory.outputs.dev.pipeline.llm.extract',
      hint: 'ollama pull nope',
    });
    const shown = await biomem(['profile', 'show', '--profiles-dir', profile.folder], { workspace: profile.workspace });
    expect(shown.stdout).toContain(`${url}, tiny-random (nope to extract), no embedding`);
  });

  test('says of a model that it cannot generate, where the server is new enough to know', async () => {
    const { url } = await startFakeOllama(
      ({ path }, response) => path === 'show' && reply(response, { capabilities: ['embedding'] }),
    );
    const env = { OLLAMA_URL: url, OLLAMA_MODEL: 'all-minilm' };
    const { check } = await debug({ folder: ROOT, workspace: join(makeFolder(), 'w') }, env);
    expect(check('model to embed')).toMatchObject({ status: 'ok' });
    expect(check('model to generate')).toMatchObject({
      ...{ status: 'error', verdict: 'cannot generate', variable: 'OLLAMA_MODEL' },
      detail: expect.stringMatching(/all-minilm cannot generate: .* for embedding, and not for completion$/),
    });
  });

  test('that never answers fails in time, and Temporal and PostgreSQL do too', async () => {
    const address = `127.0.0.1:${String(await openBlackHole())}`;
    const env = {
      OLLAMA_URL: `http://me:hunter2@${address}`,
      TEMPORAL_ADDRESS: address,
      POSTGRES_DB_URL: `postgresql://me:hunter3@${address}/memories`,
    };
    const began = performance.now();
    const { failed, outcome } = await debug({ folder: ROOT, workspace: join(makeFolder(), 'w') }, env);
    expect(performance.now() - began).toBeLessThan(40_000);
    expect(failed.map(({ name }) => name.split(' ')[0])).toEqual([
      'source_memories',
      'Ollama',
      'Temporal',
      'PostgreSQL',
    ]);
    expect(failed.map(({ variable }) => variable)).toEqual([
      'POSTGRES_DB_URL',
      'OLLAMA_URL',
      'TEMPORAL_ADDRESS',
      'POSTGRES_DB_URL',
    ]);
    expect(outcome.stdout + outcome.stderr).not.toMatch(/hunter[23]/);
  });
});
