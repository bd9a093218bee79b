import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { installExtensions, listExtensions } from '../../duckdb/extension-list.ts';
import { extensionsOf } from '../../duckdb/extensions.ts';
import { makeFolder, makeProfile, openDatabase, query, value } from '../support/database.ts';
import { openPostgres } from '../support/postgres.ts';

const silent = () => undefined;
const names = (result: { extensions: readonly { name: string; state: string }[] }) =>
  result.extensions.map(({ name, state }) => [name, state]);

/** Serves texts and files over HTTP on this machine; gives the address. */
async function serve(files: Record<string, Buffer | string>): Promise<string> {
  const server = createServer((request, response) => {
    const body = files[request.url ?? ''];
    response.statusCode = body === undefined ? 404 : 200;
    response.end(request.method === 'HEAD' ? undefined : body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

/** A profile whose extensions live in a folder of their own. */
function ownFolder(extensions: unknown[], settings: Record<string, unknown> = {}) {
  const folder = makeFolder();
  return { folder, profile: makeProfile({ extensions, settings: { extension_directory: folder, ...settings } }) };
}

/** The file of fts that is installed on this machine, for the DuckDB of this program. */
async function ftsFile(): Promise<{ path: string; duckdb: string }> {
  await installExtensions(makeProfile(), ['fts'], silent);
  const { duckdb, extensions } = await listExtensions(makeProfile(), ['fts']);
  return { path: extensions[0]?.path ?? '', duckdb };
}

describe('the four extensions of the profile do their work', () => {
  test('httpfs reads from an HTTP server', async () => {
    const address = await serve({ '/memories.csv': 'id,text\n1,hello\n2,world\n' });
    const database = await openDatabase(makeProfile({ extensions: ['httpfs'], pipeline: { hardened: false } }));
    expect(await value(database, `select string_agg(text, ' ' order by id) from '${address}/memories.csv'`)).toBe(
      'hello world',
    );
  });

  test('postgres_scanner reads a PostgreSQL, and writes nothing to it', async () => {
    const postgres = await openPostgres();
    onTestFinished(() => postgres.drop());
    await postgres.pool.query(`create table memories as select 7 as id, array['a', 'b'] as tags`);
    const attach = [{ path: postgres.url, alias: 'source_memories', type: 'postgres', read_only: true }];
    const database = await openDatabase(makeProfile({ extensions: ['postgres_scanner'], attach }));
    expect(await query(database, 'from source_memories.public.memories')).toEqual([{ id: 7, tags: ['a', 'b'] }]);
    await expect(query(database, 'delete from source_memories.public.memories')).rejects.toThrow('read-only');
    database.close();
  });

  test('json reads fields', async () => {
    const database = await openDatabase(makeProfile({ extensions: ['json'] }));
    expect(await value(database, `select json_extract_string('{"a": {"b": "c"}}', '$.a.b')`)).toBe('c');
  });

  test('fts finds by an index', async () => {
    const database = await openDatabase(makeProfile({ extensions: ['fts'] }));
    await query(
      database,
      `create table note as select * from (values (1, 'the launch moved'), (2, 'nothing new')) n(id, text)`,
    );
    await query(database, `pragma create_fts_index('note', 'id', 'text')`);
    expect(
      await query(database, `select id from note where fts_main_note.match_bm25(id, 'launches') is not null`),
    ).toEqual([{ id: 1 }]);
  });
});

test.each(['ducklake', 'vss'])('%s is installed, then loads', async (name) => {
  const { profile } = ownFolder([]);
  expect(names(await listExtensions(profile, [name]))).toEqual([[name, 'not installed']]);
  const { extensions } = await installExtensions(profile, [name], silent);
  expect(extensions).toMatchObject([{ name, state: 'installed', duckdb: 'v1.5.5', error: null }]);
  const again = await installExtensions(profile, [name], () => expect.unreachable('it was fetched again'));
  expect(again.extensions).toMatchObject([{ name, from: 'already installed', error: null }]);
});

test('what is built in is told apart, and needs no network', async () => {
  const { profile } = ownFolder(['json', 'icu']);
  const { extensions } = await installExtensions(profile, [], () => expect.unreachable('something was fetched'));
  expect(extensions.map(({ name, state, from }) => [name, state, from])).toEqual([
    ['json', 'built in', 'built in'],
    ['icu', 'built in', 'built in'],
  ]);
});

test('an extension comes from the repository that the profile configures, for all or for one', async () => {
  const { path, duckdb } = await ftsFile();
  const platform = path.split('/').at(-2) ?? '';
  const address = await serve({ [`/${duckdb}/${platform}/fts.duckdb_extension.gz`]: gzipSync(readFileSync(path)) });
  for (const { profile } of [
    ownFolder(['fts'], { custom_extension_repository: address }),
    ownFolder([{ name: 'fts', repo: address }]),
  ]) {
    const { extensions } = await installExtensions(profile, [], silent);
    expect(extensions).toMatchObject([
      { name: 'fts', state: 'installed', from: 'the configured repository', error: null },
    ]);
  }
});

test('a file that was made for another DuckDB is recognised, and replaced', async () => {
  const { path, duckdb } = await ftsFile();
  const { folder, profile } = ownFolder(['fts']);
  const place = join(folder, ...path.split('/').slice(-3));
  mkdirSync(join(place, '..'), { recursive: true });
  copyFileSync(path, place);
  const bytes = readFileSync(place);
  // The last 512 bytes say for which DuckDB it was made.
  const at = bytes.lastIndexOf(duckdb);
  expect(bytes.length - at).toBeLessThan(512);
  bytes.write('v1.4.0', at, 'latin1');
  writeFileSync(place, bytes);
  const listed = await listExtensions(profile);
  expect(listed.extensions).toMatchObject([{ name: 'fts', state: 'of another DuckDB', duckdb: 'v1.4.0' }]);
  const lines: string[] = [];
  const { extensions } = await installExtensions(profile, [], (line) => lines.push(line));
  expect(extensions).toMatchObject([{ name: 'fts', state: 'installed', duckdb, error: null }]);
  expect(lines[0]).toMatch(/fts: .* was made for DuckDB v1\.4\.0 and is replaced/);
});

test('one that cannot be had does not keep the others away, and every way is named', async () => {
  const { profile } = ownFolder([{ name: 'fts', repo: 'http://127.0.0.1:1' }, 'json']);
  const wheels = { PATH: process.env['PATH'], CACHE: process.env['BIOLOGICAL_MEMORY_CACHE'] };
  process.env['PATH'] = '';
  process.env['BIOLOGICAL_MEMORY_CACHE'] = makeFolder();
  try {
    const { extensions } = await installExtensions(profile, [], silent);
    expect(extensions.map(({ name, error }) => [name, error === null])).toEqual([
      ['fts', false],
      ['json', true],
    ]);
    expect(extensions[0]?.error).toMatch(/Tried: LOAD: .*; INSTALL: .*; wheel from PyPI: .*pip/s);
  } finally {
    process.env['PATH'] = wheels.PATH;
    if (wheels.CACHE === undefined) delete process.env['BIOLOGICAL_MEMORY_CACHE'];
    else process.env['BIOLOGICAL_MEMORY_CACHE'] = wheels.CACHE;
  }
});

test('what attachments and secrets need is added to what is listed, once', () => {
  const profile = makeProfile({
    extensions: ['postgres'],
    attach: [
      { path: 'postgresql://db/a', alias: 'source_memories' },
      { path: 'ducklake:metadata.ducklake', alias: 'lake' },
      { path: ':memory:', alias: 'plain' },
    ],
    secrets: [{ type: 's3' }, { type: 'r2' }],
  });
  expect(extensionsOf(profile).map(({ name }) => name)).toEqual(['postgres', 'ducklake', 'httpfs']);
});
