import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadProfile } from '../../profiles/profile.ts';
import { spawnBiomem } from '../support/biomem.ts';
import { load, loadOutput, makeFolder } from './folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test.each([
  ['dev', `${root}.biological-memory/dev.duckdb`, 4, '4GB', 'postgresql://u:p@h/d'],
  ['prod', `${root}.biological-memory/prod.duckdb`, 8, '8GB', 'postgresql://u:p@h/d'],
  ['test', ':memory:', 2, '2GB', 'postgresql://postgres@127.0.0.1:5432/memories'],
])('the profile of the repository, target %s', (target, path, threads, memory, source) => {
  const profile = loadProfile({
    profilesDir: root,
    target,
    cwd: root,
    env: { POSTGRES_DB_URL: 'postgresql://u:p@h/d' },
  });
  expect(profile).toMatchObject({ name: 'biological_memory', target, path, threads, warnings: [] });
  expect(profile.settings).toEqual({
    max_memory: memory,
    checkpoint_threshold: expect.stringMatching(/^\d+[MG]B$/) as string,
    temp_directory: `${root}.biological-memory/tmp/${target}`,
  });
  expect(profile.extensions.map(({ name }) => name)).toEqual(['httpfs', 'postgres_scanner', 'json', 'fts']);
  expect(profile.attach).toEqual([
    { path: source, alias: 'source_memories', type: 'postgres', readOnly: true, options: {} },
  ]);
  expect(profile.pipeline).toEqual({ ...loadOutput('').pipeline, hardened: target !== 'dev' });
});

test('the profile of the repository follows its variables', () => {
  const env = {
    BIOLOGICAL_MEMORY_DIR: '/data',
    TEST_DATABASE_URL: 'postgresql://t',
    BIOLOGICAL_MEMORY_TIMEZONE: 'Asia/Tokyo',
  };
  const profile = loadProfile({ profilesDir: root, target: 'test', cwd: '/', env });
  expect(profile.settings['temp_directory']).toBe('/data/tmp/test');
  expect(profile.attach[0]?.path).toBe('postgresql://t');
  expect(profile.pipeline.timezone).toBe('Asia/Tokyo');
});

test('profile show loads neither Temporal nor DuckDB nor a reader of texts, and DuckDB only to open it', async () => {
  const yaml = 'p: {target: dev, outputs: {dev: {type: duckdb}}}';
  const folder = makeFolder({ 'hook.cjs': LIST_LOADED, 'profiles.yml': yaml });
  const filesOf = async (...more: string[]) => {
    const args = ['profile', 'show', '--json', '--profiles-dir', folder, '--profile', 'p', ...more];
    const { stdout } = await spawnBiomem(args, { env: { NODE_OPTIONS: `--require=${folder}/hook.cjs` } });
    const [answer, loaded] = stdout.split('\nLOADED ');
    expect(JSON.parse(answer ?? '')).toMatchObject({ ok: true, profile: 'p' });
    return JSON.parse(loaded ?? '') as string[];
  };
  expect((await filesOf('--open')).filter((file) => /duckdb/.test(file))).not.toEqual([]);
  const files = await filesOf();
  expect(files.filter((file) => /temporal|duckdb|wink|compromise|chrono|\bpg\b|embedded|worker/i.test(file))).toEqual(
    [],
  );
});

/** Every file that Node opens to run it, native libraries included. */
const LIST_LOADED = `
  const fs = require('node:fs');
  const files = new Set();
  const note = (path) => files.add(String(path).split('node_modules/').at(-1));
  for (const name of ['readFileSync', 'readFile', 'openSync']) {
    const original = fs[name];
    fs[name] = (path, ...rest) => (note(path), original.call(fs, path, ...rest));
  }
  for (const name of ['readFile', 'open']) {
    const original = fs.promises[name];
    fs.promises[name] = (path, ...rest) => (note(path), original.call(fs.promises, path, ...rest));
  }
  require('node:module').syncBuiltinESMExports();
  process.on('exit', () => {
    const shared = process.report.getReport().sharedObjects.map((path) => path.split('node_modules/').at(-1));
    console.log('LOADED ' + JSON.stringify([...files, ...Object.keys(require.cache), ...shared.filter((path) => path.endsWith('.node'))]));
  });
`;

test('a profile of 5,000 lines loads', () => {
  const outputs = Array.from(
    { length: 1000 },
    (_, i) => `    t${i}:\n      type: duckdb\n      path: t${i}.duckdb\n      threads: 2\n      schema: s`,
  );
  expect(load(`p:\n  target: t999\n  outputs:\n${outputs.join('\n')}`).database).toBe('t999');
});
