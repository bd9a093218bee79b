import { describe, expect, test } from 'vitest';
import { featuresTask } from '../../activities/working-memory.features.prompt.ts';
import { fence } from '../../llm/fence.ts';
import { openOllama } from '../../llm/ollama.ts';
import { createReader } from '../../llm/reader.ts';
import { answerByRules } from '../../llm/rules.ts';
import { makeCertificate } from '../support/certificate.ts';
import { makeProfile, query } from '../support/database.ts';
import { openLlmDatabase, run } from '../support/llm-database.ts';
import { reply, startFakeOllama, type FakeOllama, type Script } from '../support/fake-ollama.ts';
import { drip, faults } from '../support/ollama-faults.ts';
import { settingsFor } from './model.contract.ts';

// What goes wrong at the server, as the two who ask it see it: a statement in SQL fails, changes nothing and keeps the answers
// that it has; the pipeline's reader loses no text, for rules read it.

const signal = new AbortController().signal;
const settings = (server: FakeOllama) => settingsFor(server.url, { timeout: 2, parallel: 1 });
const statement = `create table told as select i, llm_generate('p' || i) as a from range(10) r(i)`;
const notes = Array.from({ length: 60 }, (_, index) => ({
  ...{ content: `Note ${String(index)}: met Ivo at the harbour.`, createdAt: '2026-03-04T10:00:00Z' },
  ...{ timezone: 'UTC', tags: [] },
}));

/** A server that answers sensibly, but for what the script does with a prompt from the sixth on until it is mended. */
async function startFailing(script: Script) {
  let broken = true;
  const asked: string[] = [];
  const server = await startFakeOllama((question, response) => {
    if (question.path !== 'generate') return false;
    asked.push(String(question.body['prompt']));
    if (broken && asked.length > 5) return script(question, response);
    return reply(response, { response: `<${String(question.body['prompt'])}>`, done: true });
  });
  return { server, asked, mend: () => (broken = false) };
}

async function readByRules(server: FakeOllama): Promise<string[]> {
  const lines: string[] = [];
  const reader = createReader(openOllama(settings(server)), (line) => void lines.push(line));
  const answers = await reader.answerMany(featuresTask, notes, signal);
  const stripped = answers.map(({ value, madeBy }) => ({ value, madeBy }));
  expect(stripped).toEqual(notes.map((note) => answerByRules(featuresTask, note)));
  return lines;
}

const outages: typeof faults = [
  ...faults,
  [
    'one byte every tenth of a second',
    'ModelUnavailable',
    /gave no complete answer within 2 s \(pipeline\.llm\.timeout\)/,
    drip,
  ],
];

describe('a server that sends', () => {
  test.each(outages)('%s: the statement fails, a later one pays for the rest', async (_, name, message, script) => {
    const { server, asked, mend } = await startFailing(script);
    const database = await openLlmDatabase(makeProfile({ threads: 2 }), openOllama(settings(server)));
    await expect(run(database, statement)).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
    await expect(query(database, 'from told')).rejects.toThrow(/does not exist/);
    mend();
    asked.length = 0;
    await run(database, statement);
    expect(asked.sort()).toEqual(['p5', 'p6', 'p7', 'p8', 'p9']);
    expect(await query(database, `select count(*)::integer as n from told where a = '<p' || i || '>'`)).toEqual([
      { n: 10 },
    ]);
  });

  test.each(outages)('%s: rules read every text', async (_, name, __, script) => {
    const server = await startFakeOllama((asked, response) =>
      asked.path === 'generate' ? script(asked, response) : false,
    );
    await readByRules(server);
    const asked = server.asked.filter(({ path }) => path === 'generate').length;
    expect(asked).toBeGreaterThan(0);
    // What may be the server's fault is not waited for again and again.
    if (name === 'ModelUnavailable') expect(asked).toBeLessThanOrEqual(3);
  });
});

describe('a server that is not there', () => {
  test('fails the statement, and rules read', async () => {
    const server = await startFakeOllama();
    await server.close();
    const database = await openLlmDatabase(makeProfile(), openOllama(settings(server)));
    await expect(run(database, statement)).rejects.toMatchObject({
      name: 'ModelUnavailable',
      message: expect.stringMatching(/^Ollama does not answer at http:\/\/127\.0\.0\.1:\d+: connect ECONNREFUSED/),
    });
    expect(await readByRules(server)).toEqual([expect.stringContaining('ECONNREFUSED')]);
  });
});

test('a redirect to another host is not followed: nothing of a prompt or a password arrives there', async () => {
  const other = await startFakeOllama();
  const server = await startFakeOllama(({ path }, response) =>
    Boolean(response.writeHead(307, { Location: `${other.url}/api/${path}` }).end()),
  );
  const database = await openLlmDatabase(makeProfile(), openOllama(settings(server)));
  await expect(run(database, statement)).rejects.toMatchObject({
    name: 'ModelRefused',
    message: expect.stringContaining(`redirects to ${other.url}, which is not followed`),
  });
  await readByRules(server);
  expect(other.asked).toEqual([]);
});

test('a certificate that nobody vouches for fails the statement, rules read, and no prompt is sent', async () => {
  const server = await startFakeOllama(undefined, { certificate: makeCertificate('127.0.0.1') });
  const database = await openLlmDatabase(makeProfile(), openOllama(settings(server)));
  await expect(run(database, statement)).rejects.toMatchObject({
    name: 'ModelRefused',
    message: expect.stringMatching(/is not trusted/),
  });
  expect(await readByRules(server)).toEqual([expect.stringContaining('NODE_EXTRA_CA_CERTS')]);
  expect(server.asked).toEqual([]);
});

test('a NUL in a text reaches the server on both ways, as JSON writes it', async () => {
  const server = await startFakeOllama();
  const model = openOllama(settings(server));
  const database = await openLlmDatabase(makeProfile(), model);
  await run(database, `select llm_generate('a' || chr(0) || 'b')`);
  expect(server.asked.at(-1)?.body['prompt']).toBe('a\0b');
  const [note] = notes.map((each) => ({ ...each, content: 'Met Ivo\0 at the harbour.' }));
  const reader = createReader(model, () => undefined);
  expect(await reader.answerMany(featuresTask, note ? [note] : [], signal)).toHaveLength(1);
  expect(server.asked.at(-1)?.body['prompt']).toContain('Met Ivo\0 at the harbour.');
});

test('JSON that the server broke off is shown to it when it is asked once more', async () => {
  const answers = [
    { response: '{"n": 1111', done: false },
    { response: '{"n": 1}', done: true },
  ];
  const server = await startFakeOllama(({ path }, response) => path === 'generate' && reply(response, answers.shift()));
  const database = await openLlmDatabase(makeProfile(), openOllama(settings(server)));
  const sql = `select llm_generate_json('How many?', {'type': 'object', 'required': ['n']})::varchar as a`;
  expect(await run(database, sql)).toEqual([{ a: '{"n":1}' }]);
  expect(server.asked.at(-1)?.body['prompt']).toContain(`${fence('{"n": 1111')}\nThe reason: it was broken off`);
});

test('of JSON that num_predict cut off it is said that it was, and after how many tokens', async () => {
  const cut = { response: '{"n": 1111', done: true, done_reason: 'length', eval_count: 9 };
  const server = await startFakeOllama(({ path }, response) => path === 'generate' && reply(response, cut));
  const database = await openLlmDatabase(makeProfile(), openOllama(settings(server)));
  const sql = `select llm_generate_json('How many?', {'type': 'object'}, {'num_predict': 9})`;
  await expect(run(database, sql)).rejects.toThrow(/it was cut off at num_predict, after 9 tokens: raise that/);
});
