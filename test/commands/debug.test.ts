import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SILENT } from '../services/support.ts';
import { biomem } from '../support/biomem.ts';
import { makeFolder } from '../support/database.ts';
import { debug, makeProfile, ROOT, type Report } from '../support/debug.ts';

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
    // There is none; dbt says so all the same, which reads as if one were used.
    expect(stdout).not.toContain('Using dbt_project.yml');
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

describe('a profile that cannot be loaded is a failed check, and the rest is still looked at:', () => {
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
