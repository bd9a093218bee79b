import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, onTestFinished, test } from 'vitest';
import { applySchedules, createClient, namespaceOf } from '../../client.ts';
import { prepareNamespace } from '../../services/namespaces.ts';
import { RHYTHMS } from '../../workflows/rhythms.ts';
import { clear, makeWorkspace, SILENT } from '../services/support.ts';
import { biomem, type Outcome } from '../support/biomem.ts';
import { makeFolder } from '../support/database.ts';
import { reply, startFakeOllama } from '../support/fake-ollama.ts';
import { hold } from '../support/hold.ts';
import { openPostgres } from '../support/postgres.ts';
import { startUp } from '../support/running.ts';
import { openNamespace } from '../support/services.ts';

interface Check {
  readonly section: string;
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'error' | 'skipped';
  readonly verdict: string;
  readonly detail: string;
  readonly path?: string;
  readonly variable?: string;
  readonly hint?: string;
  readonly ms?: number;
}

interface Report {
  readonly ok: boolean;
  readonly targets: readonly { readonly target: string | null; readonly checks: readonly Check[] }[];
}

/** A folder with a profiles.yml of one output, and a workspace that is not there. */
function makeProfile(output: Record<string, unknown>, target = 'dev'): { folder: string; workspace: string } {
  const folder = makeFolder();
  const document = { biological_memory: { target, outputs: { [target]: { type: 'duckdb', ...output } } } };
  // JSON is YAML.
  writeFileSync(join(folder, 'profiles.yml'), JSON.stringify(document));
  return { folder, workspace: join(folder, 'workspace') };
}

interface Found {
  readonly outcome: Outcome;
  readonly checks: readonly Check[];
  readonly failed: readonly Check[];
  /** The check whose name begins so. */
  readonly check: (name: string) => Check | undefined;
}

async function debug(
  { folder, workspace }: { folder: string; workspace: string },
  env: NodeJS.ProcessEnv = {},
  args: readonly string[] = [],
): Promise<Found> {
  const outcome = await biomem(['debug', '--profiles-dir', folder, '--json', ...args], { workspace, env });
  const report = JSON.parse(outcome.stdout) as Report;
  const checks = report.targets.flatMap((each) => each.checks);
  const errors = checks.filter(({ status }) => status === 'error');
  expect([report.ok, outcome.code]).toEqual(errors.length === 0 ? [true, 0] : [false, 1]);
  return { outcome, checks, failed: errors, check: (name) => checks.find((each) => each.name.startsWith(name)) };
}

/** A server that takes connections and never answers. */
async function openBlackHole(): Promise<number> {
  const server = createServer(() => undefined);
  return listen(server);
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const ROOT = new URL('../../', import.meta.url).pathname;

describe("the repository's profile, with nothing configured and nothing running", () => {
  test('is looked at in dbt’s words and order, and makes nothing', async () => {
    const workspace = join(makeFolder(), 'workspace');
    const { stdout, stderr } = await biomem(['debug'], { workspace });
    expect(stderr).toBe('');
    const inOrder = [
      'Running with biomem=',
      'node version: ',
      `Using profiles dir at ${ROOT.replace(/\/$/, '')}`,
      `Using profiles.yml file at ${ROOT}profiles.yml`,
      'Using dbt_project.yml file at ',
      'adapter type: duckdb',
      'adapter version: 1.5.5',
      'Configuration:',
      '  profiles.yml file [OK found and valid]',
      '  dbt_project.yml file [OK not found, not needed]',
      'Required dependencies:',
      ' - duckdb [OK found]',
      'Connection:',
      '  database: dev',
      '  schema: main',
      `  path: ${workspace}/dev.duckdb`,
      '  config_options: None',
      '  extensions: ["httpfs","postgres_scanner","json","fts"]',
      '  settings: {"max_memory":"4GB"',
      '  attach: [{"path":"embedded","alias":"source_memories"',
      '  Connection test: [OK connection ok in ',
      'does not exist yet: a database in memory stood in, the first run creates it',
      '  json [OK built in]',
      '  source_memories [OK not running] the embedded PostgreSQL of',
      '  max_memory [OK 3.7 GiB] from 4GB',
      '  temp_directory [OK writable]',
      '  Temporal [OK not running]',
      '  Ollama [OK not configured] rules read the text.',
      '  hard-coded credentials [OK none found]',
    ];
    const places = inOrder.map((line) => stdout.indexOf(line));
    expect(inOrder.filter((_, index) => places[index] === -1)).toEqual([]);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(stdout).toContain('\nAll checks passed!');
    expect(stdout).not.toContain('\u001b');
    expect(existsSync(workspace)).toBe(false);
  });

  test('--target all checks every target in turn', async () => {
    const workspace = join(makeFolder(), 'workspace');
    const { stdout } = await biomem(['debug', '--target', 'all', '--json'], { workspace });
    const { targets } = JSON.parse(stdout) as Report;
    expect(targets.map(({ target }) => target)).toEqual(['dev', 'prod', 'test']);
    const memory = targets.map(({ checks }) => checks.find(({ name }) => name === 'max_memory')?.verdict);
    expect(memory).toEqual(['3.7 GiB', '7.4 GiB', '1.8 GiB']);
    expect(existsSync(workspace)).toBe(false);
  });

  test('--connection skips the steps before, --config-dir only says where the folder is', async () => {
    const workspace = join(makeFolder(), 'workspace');
    const [connection, folder] = await Promise.all([
      biomem(['debug', '--connection'], { workspace }),
      biomem(['debug', '--config-dir'], { workspace }),
    ]);
    expect(connection.stdout).toContain('\nSkipping steps before connection verification\nConnection:\n');
    expect(connection.stdout).not.toMatch(/Configuration:|Required dependencies:/);
    expect(folder.code).toBe(0);
    expect(folder.stdout).toMatch(/^To view your profiles.yml file, run:\n\n(xdg-open|open|start) \//);
  });
});

test(
  'on real services: each attachment with its round trip, the namespace, the schedules present or paused',
  { timeout: 180_000 },
  async () => {
    const { address, connection } = await openNamespace();
    const postgres = await openPostgres();
    onTestFinished(async () => {
      await connection.close();
      await postgres.drop();
    });
    const target = `debug${Date.now().toString(36)}`;
    const profile = makeProfile(
      {
        extensions: ['postgres_scanner'],
        secrets: [
          { type: 'postgres', name: 'lent', host: '127.0.0.1', password: "{{ env_var('DBT_ENV_SECRET_PW') }}" },
        ],
        attach: [
          { path: "{{ env_var('POSTGRES_DB_URL') }}", type: 'postgres', alias: 'source_memories', read_only: true },
        ],
        settings: { pg_pages_per_task: 500 },
      },
      target,
    );
    const env = { POSTGRES_DB_URL: postgres.url, TEMPORAL_ADDRESS: address, DBT_ENV_SECRET_PW: 'not-the-one' };
    const namespace = namespaceOf(target);

    const before = await debug(profile, env);
    expect(before.failed).toEqual([]);
    expect(before.check('namespace')).toMatchObject({ name: `namespace ${namespace}`, verdict: 'not there yet' });
    expect(before.check('source_memories')).toMatchObject({
      status: 'ok',
      verdict: 'select 1',
      ms: expect.any(Number),
      path: `biological_memory.outputs.${target}.attach[0].path`,
      variable: 'POSTGRES_DB_URL',
    });
    expect(before.check('lent (postgres)')).toMatchObject({ status: 'ok', verdict: 'created' });
    expect(before.check('pg_pages_per_task')).toMatchObject({ verdict: '500' });
    expect(before.check('PostgreSQL')).toMatchObject({ verdict: 'running' });

    await prepareNamespace({ connection, namespace });
    const client = createClient({ connection, namespace });
    await applySchedules(client, 'UTC');
    await client.schedule.getHandle(RHYTHMS[0]!.id).pause('a holiday');
    await expect
      .poll(
        async () => {
          const { checks } = await debug(profile, env);
          return checks.filter(({ name }) => name.startsWith('schedule ')).map(({ verdict }) => verdict);
        },
        { timeout: 30_000 },
      )
      .toEqual(['paused', ...RHYTHMS.slice(1).map(() => 'present')]);
    expect(existsSync(profile.workspace)).toBe(false);
    expect(before.outcome.stdout).not.toContain(new URL(postgres.url).password);
  },
);

test('what cannot be reached is named with path, variable and remedy, in time, and hides neither the rest nor shows a secret', async () => {
  const hole = await openBlackHole();
  const secrets = ['hunter2', 'hun ter3', 'AKIASECRET4', 'topsecret5', 'env-secret6', 'url-token7', 'header8'];
  const profile = makeProfile({
    extensions: ['postgres_scanner', 'httpfs', 'json'],
    secrets: [
      { type: 's3', name: 'odd', nonsense: 'x', key_id: 'AKIASECRET4', secret: 'topsecret5' },
      { type: 'postgres', name: 'good', host: '127.0.0.1', port: 1, password: "{{ env_var('DBT_ENV_SECRET_PW') }}" },
      { type: 'http', name: 'web', extra_http_headers: { Authorization: 'Bearer header8' } },
    ],
    attach: [
      { path: "{{ env_var('CLOSED_URL') }}", type: 'postgres', alias: 'closed', read_only: true },
      { path: `host=127.0.0.1 port=${String(hole)} user=u password='hun ter3'`, type: 'postgres', alias: 'hole' },
      { path: '', type: 'postgres', alias: 'empty', secret: 'good' },
      { path: `http://url-token7@127.0.0.1:1/x.duckdb`, alias: 'web', read_only: true },
      { path: ':memory:', alias: 'memory_too' },
    ].filter(({ path }) => path !== ''),
    settings: { max_memory: '4096', memory_limt: '1GB', checkpoint_threshold: '1GB' },
  });
  const began = performance.now();
  const { outcome, failed, check } = await debug(profile, {
    CLOSED_URL: `postgresql://me:hunter2@${SILENT}/memories`,
    DBT_ENV_SECRET_PW: 'env-secret6',
  });
  expect(performance.now() - began).toBeLessThan(30_000);
  const at = (place: string) => `biological_memory.outputs.dev.${place}`;
  expect(check('closed')).toMatchObject({
    status: 'error',
    path: at('attach[0].path'),
    variable: 'CLOSED_URL',
    hint: 'start that database, or correct CLOSED_URL.',
    detail: expect.stringMatching(/refused/),
  });
  expect(check('hole')).toMatchObject({
    status: 'error',
    path: at('attach[1].path'),
    detail: expect.stringMatching(/timeout/),
  });
  expect(check('web postgresql') ?? check('web http')).toMatchObject({ status: 'error', path: at('attach[2].path') });
  expect(check('memory_too')).toMatchObject({ status: 'ok', ms: expect.any(Number) });
  expect(check('odd (s3)')).toMatchObject({
    status: 'error',
    path: at('secrets[0]'),
    detail: expect.stringMatching(/nonsense/),
  });
  expect(check('good (postgres)')).toMatchObject({ status: 'ok' });
  expect(check('max_memory')).toMatchObject({ status: 'error', path: at('settings.max_memory') });
  expect(check('memory_limt')).toMatchObject({ status: 'error', detail: expect.stringMatching(/memory_limit/) });
  expect(check('checkpoint_threshold')).toMatchObject({ status: 'ok', verdict: '953.6 MiB' });
  for (const each of failed) expect(each.hint).toMatch(/\w/);
  const text = await biomem(['debug', '--profiles-dir', profile.folder, '--connection'], {
    workspace: profile.workspace,
    env: { CLOSED_URL: `postgresql://me:hunter2@${SILENT}/memories`, DBT_ENV_SECRET_PW: 'env-secret6' },
  });
  expect(text.stdout).toMatch(/\d checks failed:/);
  for (const secret of secrets)
    for (const { stdout, stderr } of [outcome, text]) expect(stdout + stderr).not.toContain(secret);
  expect(existsSync(profile.workspace)).toBe(false);
});

describe.concurrent('a profile that cannot be loaded is a failed check, and the rest is still looked at:', () => {
  test('a variable that is not set', async () => {
    const profile = makeProfile({ path: "{{ env_var('NOT_SET_AT_ALL') }}", token: 'literal9' });
    const { failed, check, outcome } = await debug(profile);
    expect(failed[0]).toMatchObject({
      name: 'profiles.yml file',
      verdict: 'invalid',
      path: 'biological_memory.outputs.dev.path',
      variable: 'NOT_SET_AT_ALL',
    });
    expect(check('Temporal')).toMatchObject({ status: 'ok' });
    expect(check('hard-coded credential')).toMatchObject({ path: 'biological_memory.outputs.dev.token' });
    expect(outcome.stdout).not.toContain('literal9');
  });

  test('a file in place of a variable that is not there', async () => {
    const env = { POSTGRES_DB_URL_FILE: '/nonexistent/url' };
    const { folder, workspace } = { folder: ROOT, workspace: join(makeFolder(), 'w') };
    const { failed, outcome } = await debug({ folder, workspace }, { ...env, POSTGRES_DB_URL: undefined });
    expect(failed.map(({ name }) => name)).toContain('profiles.yml file');
    expect(outcome.stdout).toContain('/nonexistent/url');
    expect(outcome.stdout).not.toContain('TEMPORAL_');
  });

  test('no file, a file that is no YAML, a target that is not there', { timeout: 120_000 }, async () => {
    const [none, broken] = [makeFolder(), makeFolder()];
    writeFileSync(join(broken, 'profiles.yml'), 'biological_memory: {path: :memory:');
    const workspace = join(none, 'workspace');
    expect((await debug({ folder: none, workspace })).failed).toMatchObject([{ verdict: 'not found' }]);
    expect((await debug({ folder: broken, workspace })).failed).toMatchObject([
      { verdict: 'invalid', detail: expect.stringMatching(/line 1/) },
    ]);
    const { failed } = await debug({ folder: ROOT, workspace }, {}, ['--target', 'production']);
    expect(failed).toMatchObject([{ verdict: 'invalid', detail: expect.stringMatching(/dev.*prod.*test/s) }]);
    const text = await biomem(['debug', '--profiles-dir', none], { workspace });
    expect(text.stdout).toMatch(
      /profiles\.yml file \[ERROR not found\].*Connection test skipped since no profile was found/s,
    );
  });
});

test('wrong usage exits with 2', async () => {
  expect(await biomem(['debug', '--fast'])).toMatchObject({ code: 2, stdout: '' });
});

test('an extension that is not here is a download to come, and what needs it is not tried; nothing is fetched', async () => {
  const home = makeFolder();
  const profile = makeProfile({
    extensions: ['postgres_scanner', 'json'],
    attach: [{ path: `postgresql://u@${SILENT}/d`, type: 'postgres', alias: 'source_memories' }],
  });
  const { check, failed } = await debug(profile, { HOME: home });
  expect(check('postgres_scanner')).toMatchObject({ status: 'warning', verdict: 'would need a download' });
  expect(check('json')).toMatchObject({ verdict: 'built in' });
  expect(check('source_memories')).toMatchObject({
    status: 'skipped',
    detail: expect.stringMatching(/postgres_scanner/),
  });
  expect(failed).toEqual([]);
  expect(readdirSync(home)).toEqual([]);
});

test('a slip in a setting is a failure also while an extension is missing, and so is an access mode that is none', async () => {
  const profile = makeProfile({
    extensions: ['httpfs'],
    config_options: { access_mode: 'sideways' },
    settings: { memroy_limit: '1GB', s3_region: 'eu' },
  });
  const { check, failed } = await debug(profile, { HOME: makeFolder() });
  expect(failed.map(({ name }) => name)).toEqual(['access_mode', 'memroy_limit']);
  expect(check('s3_region')).toMatchObject({ status: 'skipped' });
});

test('the connection lists every attachment, also between two addresses with passwords', async () => {
  const attach = [
    { path: `postgresql://me:hunter2@${SILENT}/one`, type: 'postgres', alias: 'first' },
    { path: ':memory:', alias: 'second' },
    { path: `postgresql://me:hunter2@${SILENT}/three`, type: 'postgres', alias: 'third' },
  ];
  const { folder, workspace } = makeProfile({ attach });
  const { stdout } = await biomem(['debug', '--profiles-dir', folder], { workspace });
  const line = stdout.split('\n').find((each) => each.startsWith('  attach: ')) ?? '';
  expect((JSON.parse(line.slice(10)) as { alias: string }[]).map(({ alias }) => alias)).toEqual([
    'first',
    'second',
    'third',
  ]);
  expect(stdout).not.toContain('hunter2');
});

describe('the database file', () => {
  test('is only read, and neither it nor an attached file nor a folder is made', async () => {
    const folder = makeFolder();
    const database = await DuckDBInstance.create(join(folder, 'there.duckdb'));
    database.closeSync();
    const profile = makeProfile({
      path: join(folder, 'there.duckdb'),
      attach: [{ path: join(folder, 'later.duckdb'), alias: 'later' }],
      settings: { temp_directory: join(folder, 'tmp') },
    });
    const { failed, check } = await debug(profile);
    expect(failed).toEqual([]);
    expect(check('Connection test')).toMatchObject({ verdict: 'connection ok', ms: expect.any(Number) });
    expect(check('database file')).toMatchObject({ verdict: 'found' });
    expect(check('later')).toMatchObject({ verdict: 'not there yet' });
    expect(readdirSync(folder)).toEqual(['there.duckdb']);
  });

  test('that is none, and a temp folder that cannot be made, fail', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'text'), 'no database');
    const profile = makeProfile({
      path: join(folder, 'text'),
      settings: { temp_directory: join(folder, 'text', 'tmp') },
    });
    const { failed } = await debug(profile);
    expect(failed.map(({ name, path }) => [name, path])).toEqual([
      ['Connection test', 'biological_memory.outputs.dev.path'],
      ['temp_directory', 'biological_memory.outputs.dev.settings.temp_directory'],
    ]);
  });

  test('that another program holds fails with its pid', async () => {
    const path = join(makeFolder(), 'held.duckdb');
    const pid = await hold(path);
    const { check } = await debug(makeProfile({ path }));
    expect(check('Connection test')).toMatchObject({
      status: 'error',
      detail: expect.stringContaining(`(pid ${String(pid)})`),
    });
  });

  test('that the worker holds is asked about, and everything else passes beside it', { timeout: 180_000 }, async () => {
    const workspace = await makeWorkspace();
    const running = await startUp(workspace);
    onTestFinished(async () => {
      running.child.kill('SIGKILL');
      await clear(workspace);
    });
    const { failed, check } = await debug({ folder: ROOT, workspace });
    expect(failed).toEqual([]);
    expect(check('Connection test')).toMatchObject({
      detail: expect.stringMatching(/the worker; asked, it holds 0 memories/),
    });
    expect(check('source_memories')).toMatchObject({ verdict: 'select 1' });
    expect(check('worker')).toMatchObject({ verdict: 'running' });
    await running.interrupt();
  });
});

describe('Ollama', () => {
  test('has the models that the profile names, or says how to get them', async () => {
    const server = createHttpServer((request, response) => {
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
