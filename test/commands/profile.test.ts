import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createContext } from '../../program/context.ts';
import { makeFolder } from '../profiles/folder.ts';
import { biomem, biomemJson } from '../support/biomem.ts';

const SOURCE = 'postgresql://ada:owl9barn@pg:5432/minds';
const yaml = `home:
  target: dev
  outputs:
    dev: {type: duckdb, path: minds.duckdb, schema: "{{ var('where', 'main') }}", attach: [{path: "${SOURCE}", type: postgres}]}
    memory: {type: duckdb, path: new.duckdb}
`;
const MEMORIES = 'attach: [{path: "other.duckdb", alias: source_memories}]';

const show = (folder: string, ...more: string[]) => [
  'profile',
  'show',
  '--profiles-dir',
  folder,
  '--profile',
  'home',
  ...more,
];

test('a person reads names and values, and no secret', async () => {
  const { code, stdout, stderr } = await biomem(show(makeFolder({ 'profiles.yml': yaml })));
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^profile +home$/m);
  expect(stdout).toMatch(/^path +\/.*\/minds\.duckdb$/m);
  expect(stdout).toMatch(
    /^attach +ATTACH IF NOT EXISTS 'postgresql:\/\/ada:\*\*\*\*\*@pg:5432\/minds' \(TYPE postgres\)$/m,
  );
});

test('a person reads whether a target is hardened', async () => {
  const of = async (target: string) => (await biomem(['profile', 'show', '--target', target])).stdout;
  expect(await of('dev')).toMatch(/^hardened +false$/m);
  expect(await of('prod')).toMatch(/^hardened +true$/m);
});

test('a person reads which parameters are set, and the hash that the rows of a cycle have', async () => {
  const withPipeline = (parameters: string) =>
    makeFolder({
      'profiles.yml': yaml.replace('new.duckdb}', `new.duckdb, pipeline: {parameters: ${parameters}}, ${MEMORIES}}`),
    });
  const folder = withPipeline('{cls_rho: 0.2, replay_budget: 200}');
  const { stdout } = await biomem(show(folder, '--target', 'memory'));
  const { parameters_hash } = await biomemJson<{ parameters_hash: string }>(
    show(folder, '--target', 'memory', '--json'),
  );
  expect(stdout).toContain(`${parameters_hash}\n`);
  expect(stdout).toMatch(/^parameters +[0-9a-f]{12}\n +cls_rho = 0.2\nscope +agent\ntimezone/m);
  const other = await biomemJson<{ parameters_hash: string }>(show(withPipeline('{}'), '--target', 'memory', '--json'));
  expect(other.parameters_hash).not.toBe(parameters_hash);
});

test('--reveal is for a terminal: elsewhere it is said that secrets stay hidden', async () => {
  const { code, stdout, stderr } = await biomem(show(makeFolder({ 'profiles.yml': yaml }), '--reveal'));
  expect([code, stderr]).toEqual([0, expect.stringContaining('on a terminal only')]);
  expect(stdout).not.toContain('owl9barn');
});

test('a failure is a document with --json, and one line without', async () => {
  const folder = makeFolder({ 'profiles.yml': yaml });
  const { code, stdout, stderr } = await biomem(show(folder, '--target', 'tset', '--json'));
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toEqual({
    ok: false,
    stage: 'load',
    message: expect.stringContaining('no target "tset"'),
  });
  expect(stderr).toMatch(/^biomem: .*no target "tset".*$/);
});

test('a database that opening would make is announced', async () => {
  const folder = makeFolder({
    'profiles.yml': yaml
      .replace('new.duckdb', '{{ env_var("DATA") }}/new.duckdb')
      .replace(/path: (\{\{.*?duckdb)/, "path: '$1'"),
  });
  const env = { DATA: folder };
  const closed = await biomem(show(folder, '--target', 'memory'), { env });
  expect([closed.code, existsSync(join(folder, 'new.duckdb'))]).toEqual([0, false]);
  const opened = await biomem(show(folder, '--target', 'memory', '--query', 'select 42', '--json'), { env });
  expect(opened.stderr).toContain(`${join(folder, 'new.duckdb')} does not exist yet`);
  expect(JSON.parse(opened.stdout)).toMatchObject({
    ok: true,
    rows: [[42]],
    queries: [{ sql: 'select 42', rows: [[42]] }],
  });
});

test("the repository's own profile needs no PostgreSQL to be shown, but one to be opened", async () => {
  const shown = await biomemJson<{ warnings: string[] }>(['profile', 'show']);
  expect(shown.warnings).toEqual([expect.stringContaining('POSTGRES_DB_URL is not set')]);
  const workspace = makeFolder({});
  const { code, stdout } = await biomem(['profile', 'show', '--open', '--json'], { workspace });
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ stage: 'open', message: expect.stringContaining('biomem services up') });
});

test('another process is told the same profile, target, threads and variables', () => {
  const folder = makeFolder({ 'profiles.yml': yaml });
  const given = {
    profile: 'home',
    target: 'dev',
    profilesDir: folder,
    threads: '3',
    vars: '{where: minds}',
    workspace: folder,
  };
  const { handOn } = createContext(given);
  expect(handOn).toEqual([
    ...['--target', 'dev', '--workspace', folder, '--profile', 'home', '--profiles-dir', folder],
    ...['--threads', '3', '--vars', '{where: minds}'],
  ]);
});

test.each([
  'postgresql://ada:owl9barn/owl8barn@127.0.0.1:1/minds',
  'postgresql://ada:owl9barn@owl8barn@127.0.0.1:1/minds',
  'postgresql://ada:owl9barn owl8barn@127.0.0.1:1/minds',
  'host=127.0.0.1 port=1 password=owl9barn owl8barn',
])('of the password in %s no part is shown, nor in what DuckDB says of it', async (path) => {
  const output = { type: 'duckdb', attach: [{ path, type: 'postgres', alias: 'source' }] };
  const folder = makeFolder({
    'profiles.yml': JSON.stringify({ home: { target: 'dev', outputs: { dev: output } } }),
  });
  const shown = await biomem(show(folder, '--json'));
  const opened = await biomem(show(folder, '--open', '--json'));
  expect([shown.code, opened.code]).toEqual([0, 1]);
  expect(shown.stdout + opened.stdout + opened.stderr).not.toMatch(/owl\dbarn/);
});

test('of a header that may be a credential only the name is shown', async () => {
  const secrets = [
    { type: 'http', extra_http_headers: { 'X-Session': 'owl9barn', Authorization: 'Bearer owl9barn' } },
    { type: 'http', name: 'text', extra_http_headers: "map {'X-Session': 'owl9barn'}" },
  ];
  const document = { home: { target: 'dev', outputs: { dev: { type: 'duckdb', secrets } } } };
  const { stdout } = await biomem(show(makeFolder({ 'profiles.yml': JSON.stringify(document) }), '--json'));
  expect(stdout).toContain("'X-Session': '*****'");
  expect(stdout).not.toContain('owl9barn');
});
