import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { applySchedules, createClient, namespaceOf } from '../../client.ts';
import { prepareNamespace } from '../../services/namespaces.ts';
import { SCHEDULES } from '../../workflows/schedules.ts';
import { createMemories } from '../../source/memories.ts';
import { clear, makeWorkspace, SILENT } from '../services/support.ts';
import { biomem } from '../support/biomem.ts';
import { makeFolder } from '../support/database.ts';
import { debug, fetchExtensions, makeProfile, openBlackHole, ROOT } from '../support/debug.ts';
import { hold } from '../support/hold.ts';
import { openPostgres } from '../support/postgres.ts';
import { startUp } from '../support/running.ts';
import { openNamespace } from '../support/services.ts';

beforeAll(fetchExtensions);

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

    const writer = await postgres.pool.connect();
    await createMemories(writer).finally(() => {
      writer.release();
    });
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
    await client.schedule.getHandle(SCHEDULES[0]!.id).pause('a holiday');
    await expect
      .poll(
        async () => {
          const { checks } = await debug(profile, env);
          return checks.filter(({ name }) => name.startsWith('schedule ')).map(({ verdict }) => verdict);
        },
        { timeout: 30_000 },
      )
      .toEqual(['paused', ...SCHEDULES.slice(1).map(() => 'present')]);
    expect(existsSync(profile.workspace)).toBe(false);
    expect(before.outcome.stdout).not.toContain(new URL(postgres.url).password);
  },
);

test('a server that answers need not be started: its login, or the name of the database, is to be corrected', async () => {
  const postgres = await openPostgres();
  onTestFinished(() => postgres.drop());
  const login = new URL(postgres.url);
  login.password = 'wr0ng-one';
  const name = new URL(postgres.url);
  name.pathname = '/nowhere';
  const at = (variable: string) => ({ path: `{{ env_var('${variable}') }}`, type: 'postgres', read_only: true });
  const profile = makeProfile({
    extensions: ['postgres_scanner', 'json'],
    attach: [
      { ...at('POSTGRES_DB_URL'), alias: 'login' },
      { ...at('NAME_URL'), alias: 'name' },
    ],
  });
  const { check } = await debug(profile, { POSTGRES_DB_URL: login.href, NAME_URL: name.href });
  expect(check('login')).toMatchObject({
    verdict: 'refuses the login',
    hint: 'correct the user or password in POSTGRES_DB_URL.',
  });
  expect(check('name')).toMatchObject({
    verdict: 'has no such database',
    hint: 'correct the name of the database in NAME_URL.',
  });
  expect(check('PostgreSQL')).toMatchObject({
    verdict: 'refuses',
    detail: expect.stringMatching(/refuses the login .*: correct the user or password in POSTGRES_DB_URL\.$/),
  });
});

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
