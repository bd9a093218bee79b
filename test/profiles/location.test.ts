import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadProfile } from '../../profiles/profile.ts';
import { load, makeFolder, refusal } from './folder.ts';

const profile = (path: string, name = 'biological_memory') =>
  `${name}: {target: dev, outputs: {dev: {type: duckdb, path: ${path}.duckdb}, prod: {type: duckdb, path: p.duckdb}}}`;

test('a profiles.yml in the current folder comes before the one in ~/.dbt', () => {
  const root = makeFolder({ 'w/profiles.yml': profile('here'), 'h/.dbt/profiles.yml': profile('home') });
  const env = { HOME: join(root, 'h') };
  expect(loadProfile({ cwd: join(root, 'w'), env }).database).toBe('here');
  expect(loadProfile({ cwd: join(root, 'w/sub'), env }).database).toBe('home');
});

test('a folder that is named is the only one looked into: the flag before DBT_PROFILES_DIR before its newer spelling', () => {
  const root = makeFolder({
    'a/profiles.yml': profile('a'),
    'b/profiles.yml': profile('b'),
    'profiles.yml': profile('cwd'),
  });
  const both = { HOME: root, DBT_PROFILES_DIR: 'b' };
  expect(loadProfile({ cwd: root, env: both, profilesDir: 'a' }).database).toBe('a');
  expect(loadProfile({ cwd: root, env: both }).file).toBe(join(root, 'b/profiles.yml'));
  expect(loadProfile({ cwd: root, env: { HOME: root, DBT_ENGINE_PROFILES_DIR: 'a' } }).database).toBe('a');
  const message = refusal(() => loadProfile({ cwd: root, env: { HOME: root, DBT_PROFILES_DIR: 'none' } }));
  expect(message).toContain(join(root, 'none'));
  expect(message).toContain('--profiles-dir');
});

test('the profile: what is asked for, DBT_PROFILE, dbt_project.yml, biological_memory', () => {
  const project = "name: x\nprofile: \"{{ env_var('WHO', 'mine') }}\"\n";
  const files = {
    'profiles.yml': ['biological_memory', 'mine', 'other'].map((name) => profile(name, name)).join('\n'),
  };
  const cwd = makeFolder({ ...files, 'dbt_project.yml': project });
  expect(loadProfile({ cwd, env: { DBT_PROFILE: 'other' }, profile: 'mine' }).name).toBe('mine');
  expect(loadProfile({ cwd, env: { DBT_PROFILE: 'other' } }).name).toBe('other');
  expect(loadProfile({ cwd, env: {} }).name).toBe('mine');
  expect(loadProfile({ cwd, env: { WHO: 'other' } }).name).toBe('other');
  expect(loadProfile({ cwd: makeFolder(files), env: {} }).name).toBe('biological_memory');
});

test.each([
  [{ target: 'prod', env: { DBT_TARGET: 'dev' } }, 'prod'],
  [{ env: { DBT_TARGET: 'prod' } }, 'prod'],
  [{ env: { DBT_ENGINE_TARGET: 'prod' } }, 'prod'],
  [{ env: { DBT_TARGET: '' } }, 'dev'],
  [{ env: { WHERE: 'prod' } }, 'prod'],
])('of %j the target is %s', (request, target) => {
  const yaml = `p: {target: "{{ env_var('WHERE', 'dev') }}", outputs: {dev: {type: duckdb}, prod: {type: duckdb}}}`;
  expect(load(yaml, request).target).toBe(target);
});

test('without target: the target is called default, as in dbt', () => {
  const { target, warnings } = load('p: {outputs: {default: {type: duckdb}}}');
  expect(target).toBe('default');
  expect(warnings).toEqual([expect.stringMatching(/:1:1: p has no target:, so its output "default" is used/)]);
  expect(load('p: {outputs: {default: {type: duckdb}}}', { target: 'default' }).warnings).toEqual([]);
});

test('a target that does not exist is refused with those that do, and the one that was meant', () => {
  const message = refusal(() =>
    load('p:\n  outputs:\n    dev: {type: duckdb}\n    prod: {type: duckdb}', { target: 'prd' }),
  );
  expect(message).toContain('profiles.yml:2:3: p.outputs has no target "prd"; it has dev, prod; did you mean "prod"?');
});

test.each([
  ['', 'is empty'],
  ['# only a comment', 'is empty'],
  ['- a', 'is not a mapping'],
  ['q: {}', 'has no profile "p"; it has q'],
  ['p:', 'p is empty'],
  ['p: {target: dev}', 'p.outputs is empty'],
  ['p: {target: dev, outputs: []}', 'p.outputs is not a mapping but a list'],
  ['p: {target: dev, outputs: {}}', 'it has none'],
  ['p: {target: [dev], outputs: {dev: {type: duckdb}}}', 'p.target must be the name of a target, not a list'],
  ['p: {target: toString, outputs: {dev: {type: duckdb}}}', 'has no target "toString"'],
  ['p: {target: dev, outputs: {dev: 5}}', 'p.outputs.dev is not a mapping but 5'],
])('%j is refused: %s', (yaml, problem) => {
  expect(refusal(() => load(yaml))).toContain(problem);
});

test('a folder in place of the file is refused, not a crash', () => {
  const cwd = makeFolder({ 'profiles.yml/file': '' });
  expect(refusal(() => loadProfile({ cwd, env: {} }))).toContain('cannot be read');
});

test('--threads must be a whole number of at least 1', () => {
  const yaml = 'p: {target: dev, outputs: {dev: {type: duckdb, threads: 2}}}';
  expect(load(yaml, { threads: 5 }).threads).toBe(5);
  expect(refusal(() => load(yaml, { threads: 0 }))).toContain('--threads');
  expect(refusal(() => load(yaml, { threads: 1.5 }))).toContain('1.5');
});

test('a key beside target and outputs is a warning', () => {
  const { warnings } = load('p:\n  target: dev\n  outputts: {}\n  outputs: {dev: {type: duckdb}}');
  expect(warnings).toEqual([
    expect.stringMatching(/:3:3: p\.outputts is unknown and ignored; did you mean "outputs"\?/),
  ]);
});

test.each([
  [
    'source:\n  table: notes',
    /:5:1: source is no profile and ignored: move it under outputs: <target>: pipeline: of the profile\./,
  ],
  [
    'pipeline: {source: {table: notes}}',
    /:5:1: pipeline is no profile and ignored: move it under outputs: <target>: of the profile\./,
  ],
])('a block of ours at the top of the file is a warning: %s', (block, warning) => {
  const { warnings } = load(`p:\n  target: dev\n  outputs: {dev: {type: duckdb}}\n\n${block}`);
  expect(warnings).toEqual([expect.stringMatching(warning)]);
});

test('a profile that has the name of such a block is a profile', () => {
  const profiles = ['p', 'source'].map((name) => `${name}: {target: dev, outputs: {dev: {type: duckdb}}}`);
  expect(load(profiles.join('\n')).warnings).toEqual([]);
});

test('a ~ that the shell has left alone means home', () => {
  const root = makeFolder({ 'h/x/profiles.yml': profile('home') });
  const env = { HOME: join(root, 'h'), DBT_PROFILES_DIR: '~/x' };
  expect(loadProfile({ cwd: root, env }).database).toBe('home');
});
