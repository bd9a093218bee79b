import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadOutput, refusal } from './folder.ts';

test('an output of nothing but its type has the defaults of dbt', () => {
  expect(loadOutput('')).toMatchObject({
    target: 'dev',
    threads: 1,
    path: ':memory:',
    database: 'memory',
    schema: 'main',
    settings: {},
    configOptions: {},
    extensions: [],
    attach: [],
    secrets: [],
    warnings: [],
  });
});

test('a relative path and temp_directory start at cwd; what is absolute, at home or an address stays', () => {
  const profile = loadOutput('path: data/codex.v2.duckdb\nsettings: {temp_directory: tmp}');
  const folder = join(profile.file, '..');
  expect(profile).toMatchObject({ path: join(folder, 'data/codex.v2.duckdb'), database: 'codex.v2' });
  expect(profile.settings).toEqual({ temp_directory: join(folder, 'tmp') });
  expect(loadOutput('path: /data/a.duckdb').path).toBe('/data/a.duckdb');
  expect(loadOutput('path: ~/a.duckdb', { env: { HOME: '/h' } }).path).toBe('/h/a.duckdb');
  expect(loadOutput('path: "ducklake:meta.db"').path).toBe('ducklake:meta.db');
});

test('threads may be digits in a text, as dbt 2 has it', () => {
  expect(loadOutput('threads: "4"').threads).toBe(4);
});

test('the database may be the alias of an attachment', () => {
  expect(loadOutput('database: lake\nattach: [{path: "ducklake:x", alias: lake}]').database).toBe('lake');
});

test('max_memory and the like beside path are used, with a warning, unless settings have them', () => {
  const profile = loadOutput(
    'max_memory: 1GB\ntemp_directory: /t\ncheckpoint_threshold: 9MB\nsettings: {wal_autocheckpoint: 8MB}',
  );
  expect(profile.settings).toEqual({ max_memory: '1GB', temp_directory: '/t', wal_autocheckpoint: '8MB' });
  expect(profile.warnings).toEqual([
    expect.stringMatching(
      /:6:7: p\.outputs\.dev\.max_memory is ignored by dbt here; it is used, but move it into settings/,
    ),
    expect.stringMatching(/p\.outputs\.dev\.checkpoint_threshold is ignored by dbt here; settings already has it/),
    expect.stringMatching(/p\.outputs\.dev\.temp_directory is ignored by dbt here/),
  ]);
});

test.each([
  ['exstensions: [json]', /:6:7: p\.outputs\.dev\.exstensions is unknown and ignored; did you mean "extensions"\?/],
  ['user: me', /p\.outputs\.dev\.user is unknown and ignored\./],
  ['plugins: [{module: excel}]', /p\.outputs\.dev\.plugins\[0\] is ignored: excel is a Python module/],
  ['filesystems: [{fs: s3}]', /filesystems\[0\] is ignored: s3 is a file system of Python/],
  ['module_paths: [x]', /module_paths is ignored/],
  ['secrets: [{type: s3, scope: [a, b]}]', /secrets holds one with several scopes/],
  ['use_credential_provider: aws', /use_credential_provider is deprecated/],
])('%j is a warning', (fields, warning) => {
  expect(loadOutput(fields).warnings).toEqual([expect.stringMatching(warning)]);
});

test('extensions come as names or with the repository they are from', () => {
  const { extensions } = loadOutput('extensions: [json, {name: h3, repo: community}]');
  expect(extensions).toEqual([{ name: 'json' }, { name: 'h3', repo: 'community' }]);
});

test('an attachment keeps what the profile says and leaves the rest to DuckDB', () => {
  const { attach } = loadOutput(
    'attach:\n  - {path: src.duckdb}\n  - {path: "", path: x, alias: a, type: postgres, secret: s, read_only: true, options: {schema: b}}',
  );
  expect(attach).toEqual([
    { path: 'src.duckdb', alias: '', type: '', readOnly: false, options: {} },
    { path: 'x', alias: 'a', type: 'postgres', secret: 's', readOnly: true, options: { schema: 'b' } },
  ]);
});

test.each([
  ['type: postgres', 'type is "postgres"'],
  ['threads: 0', 'threads must be at least 1, not 0'],
  ['threads: many', 'threads must be a number, not the text "many"'],
  ['path: 5', 'path must be text, not 5'],
  ['path: ""', 'path must not be empty'],
  ['path: ":memory:x"', 'path would become a file of that name'],
  ['path: /data/codex.v2.duckdb\ndatabase: wrong', 'database is inconsistent with path: it must be "codex.v2"'],
  ['schema:', 'schema must be text, not empty'],
  ['settings: {threads: }', 'settings.threads must be text, a number, true or false'],
  ['settings: {x: [1]}', 'settings.x must be text, a number, true or false, not a list'],
  ['settings: {"a; drop": 1}', 'settings.a; drop has a key that is not a plain name'],
  ['settings: []', 'settings must be a mapping, not a list'],
  ['extensions: json', 'extensions must be a list, not the text "json"'],
  ['extensions: [1]', 'extensions[0] must be the name of an extension'],
  ['extensions: ["a; drop"]', 'extensions[0] must be'],
  ['attach: [{type: postgres, alias: src}]', 'attach[0].path (src) is missing'],
  ['attach: [{path: x, aliass: src}]', 'attach[0] has the unknown key "aliass"; did you mean "alias"?'],
  ['attach: [{path: x, read_only: "yes"}]', 'attach[0].read_only must be true or false, not the text "yes"'],
  ['attach: [{path: x, type: "p) --"}]', 'attach[0].type must be a plain name'],
  [
    'attach: [{path: x, options: {type: postgres}}]',
    'attach[0].options is specified in both direct fields and options',
  ],
  ['secrets: [{key_id: x}]', 'secrets[0].type is missing'],
  ['secrets: [{type: s3, "a b": x}]', 'secrets[0] has the key "a b"'],
  ['retries: {connect_attempts: x}', 'retries.connect_attempts must be a number, not the text'],
  ['retries: {attempts: 1}', 'retries has the unknown key "attempts"; known are connect_attempts'],
  ['use_credential_provider: gcp', 'use_credential_provider must be aws, not gcp'],
  ['keep_open: "False"', 'keep_open must be true or false, not the text "False"'],
  ['use_credential_provider: [x]', 'use_credential_provider must be aws, not a list'],
  ['threads: 1.5', 'threads must be a whole number, not 1.5'],
  ['secrets: hunter2', 'secrets must be a list, not text'],
  ['secrets: [{type: s3, secret: [[1]]}]', 'secrets[0].secret must be text, a number, true or false, or a list'],
  [
    'retries: {retryable_exceptions: IOException}',
    'retries.retryable_exceptions must be a list, not the text "IOException"',
  ],
  ['remote: {host: h}', 'remote is not supported'],
])('%j is refused: %s', (fields, problem) => {
  expect(refusal(() => loadOutput(fields))).toContain(`p.outputs.dev.${problem}`);
});

test.each([
  ['an address with a password', 'extensions: "postgresql://me:hunter2@h/d"', 'extensions must be a list, not text'],
  ['settings of libpq', 'extensions: "host=h password=hunter2"', 'not the text "host=h password=*****'],
  ['the value of a secret variable', `threads: "{{ env_var('DBT_ENV_SECRET_A') }}"`, 'not the text "*****"'],
  ['what a secret holds', 'secrets: [{type: s3, key_id: hunter2}, hunter2]', 'secrets[1] must be a mapping, not text'],
  ['what is named like a password', 'pipeline: {password: {x: hunter2}}', 'has the unknown key "password"'],
])('what came is said, but not %s', (_, fields, words) => {
  const told = refusal(() => loadOutput(fields, { env: { DBT_ENV_SECRET_A: 'hunter2' } }));
  expect(told).toContain(words);
  expect(told).not.toContain('hunter2');
});

test('every problem is reported at once', () => {
  const lines = refusal(() => loadOutput('threads: 0\nkeep_open: 3\nattach: [{}]')).split('\n');
  expect(lines.map((line) => line.replace(/^.*?: p\.outputs\.dev\./, '').split(' ')[0])).toEqual([
    'threads',
    'attach[0].path',
    'keep_open',
  ]);
});

test.each([
  ['retries: {connect_attempts: 3, query_attempts: 2}', 'retries holds query_attempts, which is for dbt'],
  ['disable_transactions: true', 'disable_transactions is for dbt'],
])('%s is accepted, with a warning that the pipeline does it otherwise', (field, words) => {
  expect(loadOutput(field).warnings).toEqual([expect.stringContaining(words)]);
  expect(loadOutput('retries: {connect_attempts: 3}').warnings).toEqual([]);
});
