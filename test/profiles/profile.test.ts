import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { expect, test } from 'vitest';
import { ConfigurationError } from '../../memory/errors.ts';
import { loadProfile } from '../../profiles/profile.ts';
import { load, loadOutput } from './folder.ts';

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

test('loading a profile loads neither Temporal nor DuckDB', () => {
  const script = `
    import { loadProfile } from './profiles/profile.ts';
    import { redact } from './profiles/redact.ts';
    import { createRequire } from 'node:module';
    loadProfile({ cwd: '.', target: 'test', env: {} });
    redact('');
    const loaded = [...Object.keys(createRequire(import.meta.url).cache), ...process.moduleLoadList];
    console.log(JSON.stringify(loaded.filter((name) => /temporal|duckdb/i.test(name.split('node_modules').at(-1)))));`;
  const run = ['--import', 'tsx', '--input-type=module', '--eval', script];
  expect(execFileSync(process.execPath, run, { cwd: root, encoding: 'utf8' }).trim()).toBe('[]');
}, 20_000);

test('a profile of 5,000 lines loads', () => {
  const outputs = Array.from(
    { length: 1000 },
    (_, i) => `    t${i}:\n      type: duckdb\n      path: t${i}.duckdb\n      threads: 2\n      schema: s`,
  );
  expect(load(`p:\n  target: t999\n  outputs:\n${outputs.join('\n')}`).database).toBe('t999');
});

const template = fc.constantFrom(
  "{{ env_var('A') }}",
  "{{ env_var('A', 1) | as_number }}",
  "{{ x.y['z'] }}",
  '{{ 1 + "a" }}',
  '{{',
  '{% if a %}',
  "{{ 'a'.split('') }}",
);
const scalar = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  template,
);
const key = fc.oneof(
  fc.constantFrom(
    'type',
    'threads',
    'path',
    'database',
    'schema',
    'settings',
    'config_options',
    'extensions',
    'attach',
    'secrets',
    'pipeline',
    'source',
    'columns',
    'llm',
    'parameters',
    'timezone',
    'options',
    'alias',
    'name',
    'repo',
    'scope',
    'retries',
    'max_memory',
    'remote',
    'plugins',
    '__proto__',
    'constructor',
    'toString',
    '<<',
  ),
  fc.string(),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((entries) => new Map(entries)),
  ),
}));
const output = fc
  .array(fc.tuple(key, value), { maxLength: 6 })
  .map((entries) => new Map([['type', 'duckdb'], ...entries] as [string, unknown][]));
const profile = output.map((dev) => stringify({ p: { target: 'dev', outputs: { dev } } }, { merge: false }));
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...Array.from('abc:-[]{}&*!|>\'"#%@`, \n\t<?')), maxLength: 60 }),
);

test.each([
  ['profile', profile],
  ['text', anyText],
  ['document', value.map((any) => stringify(any))],
])('no %s makes the loader throw anything but a ConfigurationError', (_, yaml) => {
  fc.assert(
    fc.property(yaml, (text) => {
      try {
        load(text, { env: { A: 'b' } });
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigurationError);
      }
    }),
    { numRuns: 200 },
  );
});
