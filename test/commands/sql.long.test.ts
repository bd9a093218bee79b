import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { clear, makeWorkspace } from '../services/support.ts';
import { biomem, biomemJson, spawnBiomem } from '../support/biomem.ts';
import { makeCertificate } from '../support/certificate.ts';
import { reply, startFakeOllama } from '../support/fake-ollama.ts';

const HOLDER = fileURLToPath(new URL('../duckdb/hold-database.ts', import.meta.url));

let workspace: string;
beforeAll(async () => {
  workspace = await makeWorkspace();
});
afterAll(() => clear(workspace));

test('a new database is announced; what a statement changes stays', async () => {
  const created = await biomem(['sql', 'create table note (i integer, day date)'], { workspace });
  expect(created).toMatchObject({
    code: 0,
    stderr: expect.stringContaining(`${join(workspace, 'dev.duckdb')} is new`),
  });
  const inserted = await biomem(['sql', `insert into note values (7, '2026-03-01'), (8, null)`], { workspace });
  expect(inserted.stderr).not.toContain('is new');
  const { stdout } = await biomem(['sql', 'from note order by i'], { workspace });
  expect(stdout).toMatch(/│ i │ day {8}│[^]*│ 7 │ 2026-03-01 │[^]*│ 8 │ NULL {7}│[^]*2 rows/);
});

test('--json carries what JSON has no type for as text, nested values as they are', async () => {
  const sql = `select 9007199254740993 as big, date '2026-03-01' as day, [1, NULL] as list, {'a': {'b': true}} as struct,
    'nan'::double as nan, '{"k": 1}'::json as json, 1 as twice, 2 as twice`;
  expect(await biomemJson(['sql', sql], { workspace })).toEqual({
    columns: ['big', 'day', 'list', 'struct', 'nan', 'json', 'twice', 'twice:1'],
    rows: [
      {
        ...{ big: '9007199254740993', day: '2026-03-01', list: [1, null], struct: { a: { b: true } } },
        ...{ nan: 'NaN', json: '{"k": 1}', twice: 1, 'twice:1': 2 },
      },
    ],
  });
});

test('no password of the profile is shown, though DuckDB tells where its databases are; other rows are data', async () => {
  const folder = await makeWorkspace();
  const secrets = [{ type: 'http', name: 's', bearer_token: 'owl9barn' }];
  const output = { type: 'duckdb', path: `${folder}/dev.duckdb`, secrets };
  await writeFile(
    join(folder, 'profiles.yml'),
    JSON.stringify({ biological_memory: { target: 'dev', outputs: { dev: output } } }),
  );
  const args = ['sql', '--profiles-dir', folder, `select 'https://x:owl9barn@h/' as path, 'password: tulip' as note`];
  const { stdout } = await biomem(args, { workspace: folder });
  expect(stdout).toContain('│ https://x:*****@h/ │ password: tulip │');
  expect(await biomemJson(args, { workspace: folder })).toMatchObject({
    rows: [{ path: 'https://x:*****@h/', note: 'password: tulip' }],
  });
  await clear(folder);
});

test.each<[sql: string, code: number, stderr: RegExp]>([
  ['selec 1', 1, /Parser Error/],
  [' ', 2, /^biomem: sql: expected a statement, got an empty text$/],
  ['select 1; select 2', 2, /expected one statement, got several: run biomem sql for each/],
  ['pivot (select 1 as i) on i', 2, /to DuckDB some are several: a PIVOT without IN/i],
  [`select llm_generate('x')`, 2, /there is no model to ask\. Set OLLAMA_URL/],
])('%s fails with one clear line', async (sql, code, message) => {
  const outcome = await biomem(['sql', sql], { workspace });
  expect(outcome).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
});

test('a statement without quotes is several arguments, and the error says so', async () => {
  const { code, stderr } = await biomem(['sql', 'select', '1'], { workspace });
  expect([code, stderr]).toEqual([2, expect.stringMatching(/too many arguments.*put it in quotes/s)]);
});

test('while another process holds the database it says which', async () => {
  const holder = execa('node', ['--import', 'tsx', HOLDER, join(workspace, 'dev.duckdb')]);
  try {
    await once(holder.stdout, 'data');
    const { code, stderr } = await biomem(['sql', 'select 1'], { workspace });
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/is held by another process.*pid \d+.*Ask again when it has ended/),
    ]);
  } finally {
    holder.kill();
    await holder.catch(() => undefined);
  }
});

test('Ctrl-C interrupts the statement, which then changed nothing', async () => {
  const sql = 'create table endless as select sum(a.i * b.i) from range(10000000) a(i), range(1000000) b(i)';
  const child = spawnBiomem(['sql', sql], { workspace });
  await once(child.stderr, 'data');
  await setTimeout(3_000);
  const pressed = performance.now();
  child.kill('SIGINT');
  const { exitCode, stderr } = await child;
  expect([exitCode, stderr]).toEqual([130, expect.stringContaining('interrupted')]);
  expect(performance.now() - pressed).toBeLessThan(5_000);
  expect((await biomem(['sql', 'from endless'], { workspace })).stderr).toContain('does not exist');
});

test('LLM functions ask the Ollama of OLLAMA_URL, and the cache the next time; stderr says how much', async () => {
  const ollama = await startFakeOllama();
  const env = { OLLAMA_URL: ollama.url, OLLAMA_MODEL: 'tiny-random' };
  const schema = `{'type': 'object', 'properties': {'n': {'type': 'integer'}}}`;
  const sql = `select llm_generate_json('q' || i % 2, ${schema})->>'n' as n, len(llm_embed('text')) as d from range(4) r(i)`;
  const ask = () => biomem(['sql', sql, '--json'], { workspace, env });
  const first = await ask();
  expect(JSON.parse(first.stdout)).toEqual({ columns: ['n', 'd'], rows: Array(4).fill({ n: '7', d: '26' }) });
  expect(first.stderr).toMatch(/3 calls to a model, 0 answers from the cache, \d+ tokens/);
  const paid = () => ollama.asked.filter(({ path }) => ['generate', 'embed'].includes(path)).length;
  expect(paid()).toBe(3);
  expect((await ask()).stderr).toContain('0 calls to a model, 3 answers from the cache, 0 tokens');
  expect(paid()).toBe(3);
});

test('answers that were cut off though nobody asked for so few tokens are told on stderr', async () => {
  const said = { response: 'in the middle of', done: true, done_reason: 'length' };
  const ollama = await startFakeOllama(
    ({ path, body }, response) =>
      path === 'generate' &&
      reply(response, { ...said, eval_count: (body['options'] as { num_predict: number }).num_predict }),
  );
  const env = { OLLAMA_URL: ollama.url, OLLAMA_MODEL: 'tiny-random' };
  const sql = (options: string) => `select llm_generate('cut ' || i ${options}) as a from range(2) r(i)`;
  const first = await biomem(['sql', sql('')], { workspace, env });
  expect(first.stderr).toMatch(
    /sql: 2 calls to a model, 0 answers from the cache, 4096 tokens, 2 answers cut off at 2048 tokens \(num_ctx, or the option num_predict\)$/m,
  );
  expect((await biomem(['sql', sql(`, {'num_predict': 9}`)], { workspace, env })).stderr).toMatch(/, 18 tokens$/m);
});

test("with on_error 'null' one bad row among many costs one NULL, which stderr counts", async () => {
  const ollama = await startFakeOllama(
    ({ path, body }, response) =>
      path === 'generate' &&
      reply(response, {
        response:
          String(body['prompt']).startsWith('bad 7\n') || body['prompt'] === 'bad 7' ? '{"n": "x"}' : '{"n": 1}',
        done: true,
      }),
  );
  const env = { OLLAMA_URL: ollama.url, OLLAMA_MODEL: 'tiny-random' };
  const schema = `{'type': 'object', 'properties': {'n': {'type': 'integer'}}}`;
  const sql = (onError: string) =>
    `select count(llm_generate_json('bad ' || i, ${schema}, {'on_error': '${onError}'})) as n from range(50) r(i)`;
  const { stdout, stderr } = await biomem(['sql', sql('null'), '--json'], { workspace, env });
  expect(JSON.parse(stdout)).toEqual({ columns: ['n'], rows: [{ n: '49' }] });
  expect(stderr).toMatch(
    /^sql: 1 of 50 answers did not fit their schema and is NULL \(llm_generate_json .*\/n must be integer/m,
  );
  const failed = await biomem(['sql', sql('fail')], { workspace, env });
  expect(failed.stderr).toContain(
    'does not fit the schema, neither at once nor when it was told why: /n must be integer',
  );
  expect(failed.stderr).not.toContain('is NULL');
});

test('Ctrl-C while Ollama is asked ends at once; nothing of the statement stays, but the answers that came', async () => {
  const waiting: ServerResponse[] = [];
  const ollama = await startFakeOllama(({ path, body }, response) => {
    if (path !== 'generate' || body['prompt'] === 'r0') return false;
    return waiting.push(response) > 0;
  });
  const env = { OLLAMA_URL: ollama.url, OLLAMA_MODEL: 'tiny-random' };
  const sql = `create table cut as select llm_generate('r' || i) as a from range(50) r(i)`;
  const child = spawnBiomem(['sql', sql], { workspace, env });
  // Four at once: the first was answered, and four others wait.
  await vi.waitFor(() => expect(waiting).toHaveLength(4), { timeout: 30_000 });
  const pressed = performance.now();
  child.kill('SIGINT');
  const { exitCode, stdout, stderr } = await child;
  expect([exitCode, stdout]).toEqual([130, '']);
  expect(stderr).toMatch(/biomem: interrupted; the statement changed nothing$/);
  expect(performance.now() - pressed).toBeLessThan(5_000);
  expect((await biomem(['sql', 'from cut'], { workspace })).stderr).toContain('does not exist');
  expect(await biomemJson(['sql', `select llm_generate('r0')[:8] as a`], { workspace, env })).toMatchObject({
    rows: [{ a: 'nonsense' }],
  });
  expect(ollama.asked.filter(({ body }) => body['prompt'] === 'r0')).toHaveLength(1);
});

test('Ctrl-C ends it at once also while the server does not even say which models it has', async () => {
  const ollama = await startFakeOllama(() => true);
  const env = { OLLAMA_URL: ollama.url, OLLAMA_MODEL: 'tiny-random' };
  const child = spawnBiomem(['sql', `select llm_generate('x')`], { workspace, env });
  await vi.waitFor(() => expect(ollama.asked).toHaveLength(1), { timeout: 30_000 });
  const pressed = performance.now();
  child.kill('SIGINT');
  expect((await child).exitCode).toBe(130);
  // Not when the ten seconds are over that this question may take.
  expect(performance.now() - pressed).toBeLessThan(5_000);
});

test('a certificate of your own is trusted when NODE_EXTRA_CA_CERTS names it, for the address that it is for', async () => {
  const certificate = makeCertificate('127.0.0.1');
  const ollama = await startFakeOllama(undefined, { certificate });
  const ask = (url: string, more = {}) =>
    biomem(['sql', `select llm_generate('by TLS')[:8] as a`], {
      workspace,
      env: { OLLAMA_URL: url, OLLAMA_MODEL: 'tiny-random', ...more },
    });
  const trusting = { NODE_EXTRA_CA_CERTS: certificate.file };
  const refused = /the certificate of https:\S+ is not trusted \(.*\); NODE_EXTRA_CA_CERTS/;
  expect(await ask(ollama.url)).toMatchObject({ code: 1, stderr: expect.stringMatching(refused) });
  const elsewhere = ollama.url.replace('127.0.0.1', 'localhost');
  expect(await ask(elsewhere, trusting)).toMatchObject({ code: 1, stderr: expect.stringMatching(refused) });
  expect(ollama.asked).toEqual([]);
  expect(await ask(ollama.url, trusting)).toMatchObject({ code: 0, stdout: expect.stringContaining('nonsense') });
});
