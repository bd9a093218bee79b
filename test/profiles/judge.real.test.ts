import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, describe, expect, onTestFinished, test, type TestContext } from 'vitest';
import { fetchWheel } from '../../downloads/wheel.ts';
import { quoteLiteral } from '../../profiles/sql.ts';
import { locate } from '../../profiles/location.ts';
import { asMapping, checkOutput } from '../../profiles/output.ts';
import { render } from '../../profiles/template.ts';
import { findDbt, type Dbt } from '../support/dbt.ts';
import { openPostgres } from '../support/postgres.ts';
import { makeFolder } from './folder.ts';

// dbt itself is the judge of what a profile means. It is installed once, which takes a minute.
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RESOLVE = fileURLToPath(new URL('./resolve_with_dbt.py', import.meta.url));
const EXTENSIONS = ['httpfs', 'postgres_scanner', 'json', 'fts'];

let dbt: Dbt | null = null;
beforeAll(async () => {
  dbt = await findDbt();
}, 660_000);

function judge({ skip }: TestContext): Dbt {
  return dbt ?? skip('dbt cannot be asked');
}

interface Request {
  readonly folder: string;
  readonly profile: string;
  readonly target: string | null;
  readonly vars: Record<string, unknown>;
  readonly env: Record<string, string>;
}

type Answer = { readonly error: string } | { target: string; threads: number; credentials: Record<string, unknown> };

/** What we make of it, under dbt's names. */
function resolve({ folder, profile, target, vars, env }: Request): Answer {
  try {
    const request = { profilesDir: folder, profile, target: target ?? undefined, vars, env, cwd: folder };
    const location = locate(request);
    const rendered = asMapping(render(location.document, location.path, location.output, request));
    const { type: _, threads, secrets, ...credentials } = checkOutput(location, rendered).output;
    const named = secrets.map((each, index) => ({ ...each, name: each.name ?? `_dbt_secret_${String(index + 1)}` }));
    return { target: location.target, threads, credentials: { ...credentials, secrets: named } };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** Without what says nothing: an absent, empty or false value inside a list or a mapping is the same as none. */
function meaning(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(meaning);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value)
    .map(([key, child]): [string, unknown] => [key, meaning(child)])
    .filter(([, child]) => child !== null && child !== undefined && child !== false)
    .filter(([, child]) => typeof child !== 'object' || Object.keys(child as object).length > 0);
  return Object.fromEntries(kept);
}

const secret = "{{ env_var('DBT_ENV_SECRET_A') }}";

/** Outputs whose meaning is easily missed; dbt and we have to agree on every field of each. */
const TRICKY: readonly (readonly [what: string, output: string, env?: Record<string, string>])[] = [
  ['nothing but a type', ''],
  [
    'defaults of variables',
    `path: "{{ env_var('NONE', 'x.duckdb') }}"\nschema: "{{ env_var('SET', 'no') }}"`,
    { SET: 'yes' },
  ],
  ['an empty variable wins over its default', `settings: {a: "{{ env_var('E', 'x') }}"}`, { E: '' }],
  [
    'as_number',
    `threads: "{{ env_var('N') | as_number }}"\nsettings: {a: "{{ env_var('N') | as_number }}"}`,
    { N: '7' },
  ],
  ['as_number of a fraction', `settings: {a: "{{ '4.5' | as_number }}", b: "{{ '4.5' }}"}`],
  [
    'as_bool',
    `keep_open: "{{ env_var('B') | as_bool }}"\ndisable_transactions: "{{ 'True' | as_bool }}"`,
    { B: 'False' },
  ],
  ['as_native', `extensions: "{{ env_var('L') | as_native }}"`, { L: "['httpfs', 'fts']" }],
  ['as_text', `settings: {a: "{{ var('five', 5) | as_text }}", b: "{{ var('five', 5) }}"}`],
  ['text around a template', `settings: {a: "{{ 5 }} ", b: "x{{ 5 }}"}`],
  [
    'concatenation, inline if, or, split',
    `settings: {a: "{{ 'x' ~ 1 }}", b: "{{ 'p' if env_var('A', '') == 'q' else 'r' }}", c: "{{ env_var('A', '') or 'z' }}", d: "{{ 'u,v'.split(',')[1] }}"}`,
  ],
  [
    'filters, methods and slices',
    `schema: "{{ env_var('U') | replace('.', '_') }}"\nsettings: {a: "{{ env_var('U')[:4] }}", b: "{{ env_var('U').split('@') | first | title }}", c: "{{ ['x', 'y'] | join('/') }}"}`,
    { U: 'some.user@x' },
  ],
  [
    'statements',
    `schema: "{% if env_var('CI', '') %}ci{% else %}dev{% endif %}"\nsettings: {a: "{% set n = env_var('N') | int %}{{ n // 2 }}", b: "{% for x in var('list', [1, 2]) %}{{ x }}{{ ',' if not loop.last }}{% endfor %}"}`,
    { N: '-7' },
  ],
  [
    'lists and mappings of a template',
    `extensions: "{{ env_var('L').split(',') | map('trim') | list }}"\nconfig_options: "{{ dict(a=env_var('L') | length, b=not env_var('L')) }}"`,
    { L: 'httpfs, fts' },
  ],
  [
    'constants, of which Jinja makes text',
    `settings: {a: "{{ 5 }}", b: "{{ true }}", c: "{{ 1.0 }}", d: "{{ '7' | int }}"}`,
  ],
  ['line breaks in quotes', 'settings: {a: "x\\r\\ny\\n", b: "{{ env_var(\'A\', \'q\') }}\\n"}'],
  ['variables of the command line', `settings: {a: "{{ var('given') }}", b: "{{ var('other', 3) }}"}`],
  ['booleans of YAML 1.1', 'keep_open: no\ndisable_transactions: on\nsettings: {a: Yes, b: y, c: off, d: "no"}'],
  ['numbers of YAML 1.1', 'settings: {a: 010, b: 1_000, c: 1:30, d: 1e3, e: 0x1F, f: 1.5e+3, g: .5, h: 0b11}'],
  ['a date', 'settings: {a: 2026-03-01, b: 2026-03-01T10:00:00Z, c: 2026-3-01 9:05:06.5 -5, d: 2026-3-1}'],
  ['nothing as a value', 'config_options:\nsettings: {}\nextensions: []'],
  ['block scalars', 'settings:\n  a: |\n    one\n  b: >-\n    two\n    three\n  c: |\n    {{ var("four", 4) }}'],
  [
    'anchors and merges',
    'attach:\n  - &a {path: a.db, alias: one, read_only: true}\n  - {<<: *a, alias: two}\nsettings: &s {a: 1, b: 2}\nconfig_options: {<<: *s, b: 3}',
  ],
  ['a key twice', 'schema: one\nschema: two'],
  ['extensions with a repository', 'extensions: [httpfs, {name: h3, repo: community}]'],
  ['a database after its file', 'path: /data/a.v2.duckdb'],
  [
    'an attachment as database',
    'path: ":memory:"\ndatabase: lake\nattach: [{path: l.db, alias: lake, options: {a: true, b: x, c: 3}}]',
  ],
  [
    'secrets',
    `secrets:\n  - {type: s3, key_id: "${secret}", secret: "a'b", scope: [s3://x, s3://y]}\n  - {type: http, name: web, persistent: true, extra_http_headers: {A: "${secret}"}}`,
    { DBT_ENV_SECRET_A: 'hidden' },
  ],
  [
    'a secret with text around',
    `attach: [{path: "postgresql://u:${secret}@h/d", type: postgres, alias: s}]`,
    { DBT_ENV_SECRET_A: 'p@ss' },
  ],
  ['a password that looks like a template', 'secrets: [{type: postgres, password: "a{{b"}]'],
  ['a credential provider', 'use_credential_provider: aws'],
  ['retries', 'retries: {connect_attempts: 3, query_attempts: 2, retryable_exceptions: [IOException, HTTPException]}'],
  ['retries by default', 'retries: {query_attempts: 2}'],
  ['unknown keys', 'max_speed: 5\nexternal_root: out'],
  ['our own block', 'pipeline: {timezone: Europe/Berlin}'],
];

/** What both refuse. */
const REFUSED: readonly (readonly [what: string, output: string])[] = [
  ['a variable that is not set', `path: "{{ env_var('NOT_SET_AT_ALL') }}"`],
  ['as_bool of true in lower case', `keep_open: "{{ 'true' | as_bool }}"`],
  ['as_number of a word', `threads: "{{ 'four' | as_number }}"`],
  ['a path that is no text', 'path: 5'],
  ['a database that is not the file’s', 'path: a.duckdb\ndatabase: b'],
  ['an attachment without path', 'attach: [{alias: a}]'],
  ['an attachment with an unknown key', 'attach: [{path: a.db, schema: s}]'],
  ['a key of retries that is unknown', 'retries: {tries: 3}'],
  ['a template that is none', 'schema: "{{ 1 +"'],
  ['a constant where a number belongs', 'retries: {connect_attempts: "{{ 5 }}"}'],
  ['an iterator', `extensions: "{{ ['httpfs'] | map('lower') }}"`],
  ['a tuple', `extensions: "{{ (env_var('A', 'httpfs'), 'fts') }}"`],
  ['a member of Python', `schema: "{{ ''.__class__.__mro__ }}"`],
  ['YAML that is none', 'path: :memory:'],
];

function request(fields: string, env: Record<string, string> = {}): Request {
  const output = `type: duckdb\n${fields}`.replace(/^(?=.)/gm, '      ');
  const folder = makeFolder({ 'profiles.yml': `p:\n  target: dev\n  outputs:\n    dev:\n${output}\n` });
  return { folder, profile: 'p', target: null, vars: { given: 'by --vars' }, env };
}

test('what dbt resolves is what we resolve, field by field', { timeout: 180_000 }, async (context) => {
  const own = ['dev', 'prod', 'test', null].map((target) => ({
    ...{ folder: ROOT, profile: 'biological_memory', target, vars: {} },
    env: { POSTGRES_DB_URL: 'postgresql://u:p@h/d', BIOLOGICAL_MEMORY_DIR: '/data' },
  }));
  const requests = [...own, ...TRICKY.map(([, fields, env]) => request(fields, env))];
  const answers = (await judge(context).script(RESOLVE, requests)) as Answer[];
  const names = [...own.map(({ target }) => `profiles.yml, ${target ?? 'default'}`), ...TRICKY.map(([what]) => what)];
  const all = (each: readonly Answer[]) => Object.fromEntries(names.map((name, index) => [name, meaning(each[index])]));
  expect(all(requests.map(resolve))).toEqual(all(answers));
  expect(answers.filter((answer) => 'error' in answer)).toEqual([]);
});

test('what dbt refuses we refuse', { timeout: 180_000 }, async (context) => {
  const requests = REFUSED.map(([, fields]) => request(fields));
  const answers = (await judge(context).script(RESOLVE, requests)) as Answer[];
  const accepted = (each: readonly Answer[]) =>
    REFUSED.filter((_, index) => !('error' in each[index]!)).map(([what]) => what);
  expect([accepted(answers), accepted(requests.map(resolve))]).toEqual([[], []]);
});

describe('dbt debug accepts our profiles.yml', () => {
  test('for all three targets, on a real PostgreSQL and with the extensions', { timeout: 300_000 }, async (context) => {
    const { run } = judge(context);
    const postgres = await openPostgres();
    onTestFinished(() => postgres.drop());
    const home = makeFolder({ 'dbt_project.yml': 'name: judge\nversion: "1.0"\nprofile: biological_memory\n' });
    await installExtensions(join(home, '.duckdb', 'extensions'));
    // dbt leaves making the folder of the database to others.
    const workspace = join(home, 'workspace');
    mkdirSync(workspace);
    const env = {
      ...{ HOME: home, USERPROFILE: home, DBT_LOG_PATH: join(home, 'logs') },
      ...{ BIOLOGICAL_MEMORY_DIR: workspace, POSTGRES_DB_URL: postgres.url, TEST_DATABASE_URL: postgres.url },
    };
    writeFileSync(join(home, '.user.yml'), 'id: judge\n');
    for (const target of ['dev', 'prod', 'test']) {
      const { code, all } = await run(['debug', '--profiles-dir', ROOT, '--target', target], env, home);
      expect(all).toContain('All checks passed!');
      expect(code).toBe(0);
    }
  });
});

/** dbt INSTALLs each on connecting, also what is built in; from their wheels it does so without a network. */
async function installExtensions(folder: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { extension_directory: folder });
  const connection = await instance.connect();
  try {
    for (const name of EXTENSIONS) {
      const project = `duckdb-extension-${name.replaceAll('_', '-')}`;
      const wheel = await fetchWheel({ project, version: '1.5.5', report: () => undefined });
      const file = join(wheel, `duckdb_extension_${name}`, 'extensions', 'v1.5.5', `${name}.duckdb_extension`);
      await connection.run(`INSTALL ${quoteLiteral(file)}`);
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
