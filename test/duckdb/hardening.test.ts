import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { makeFolder, makeProfile, openDatabase, query, value } from '../support/database.ts';

/** A hardened database in a folder of its own, with a file beside that folder. */
async function openHardened(fields: Record<string, unknown> = {}) {
  const folder = makeFolder();
  const outside = `${folder}/outside.csv`;
  writeFileSync(outside, 'a\n1\n');
  const path = `${folder}/data/state.duckdb`;
  const settings = { temp_directory: `${folder}/spill` };
  const database = await openDatabase(makeProfile({ path, settings, extensions: ['json', 'fts'], ...fields }));
  return { folder, outside, database };
}

describe('a hardened database', () => {
  test.each([
    [
      'reading a file outside',
      (folder: string) => `from '${folder}/outside.csv'`,
      /file system operations are disabled/,
    ],
    ['reading it by a detour', (folder: string) => `from '${folder}/data/../outside.csv'`, /disabled/],
    ['listing files outside', (folder: string) => `from glob('${folder}/*')`, /disabled/],
    ['reading what lies beside it', (folder: string) => `from read_text('${folder}/data/password')`, /disabled/],
    ['attaching what lies beside it', (folder: string) => `attach '${folder}/data/dev.duckdb'`, /disabled/],
    ['writing beside itself', (folder: string) => `copy (select 1) to '${folder}/data/written.csv'`, /disabled/],
    ['reading from the net', () => `from 'http://127.0.0.1:1/x.csv'`, /disabled|httpfs/],
    ['writing a file outside', (folder: string) => `copy (select 1) to '${folder}/written.csv'`, /disabled/],
    ['exporting to outside', (folder: string) => `export database '${folder}/dump'`, /disabled/],
    ['installing an extension', () => 'install vss', /disabled/],
    ['loading one that was not listed', () => 'load httpfs', /disabled/],
    ['attaching a file outside', (folder: string) => `attach '${folder}/other.duckdb'`, /disabled/],
    ['opening the door again', () => 'set enable_external_access = true', /locked|Cannot/],
    ['opening a folder more', () => `set allowed_directories = ['/']`, /locked|Cannot/],
    ['changing what is locked', () => 'set threads = 3', /locked/],
    ['unlocking it', () => 'set lock_configuration = false', /locked/],
    ['storing a secret', () => `create persistent secret s (type http, bearer_token 'x')`, /./],
  ])('refuses %s', async (_, statement, words) => {
    const { folder, database } = await openHardened();
    await expect(query(database, statement(folder))).rejects.toThrow(words);
    expect(existsSync(`${folder}/written.csv`)).toBe(false);
  });

  test('works on its tables and spills where the profile says', async () => {
    const { database } = await openHardened({
      settings: { temp_directory: `${makeFolder()}/spill`, max_memory: '100MB', threads: 1 },
    });
    await query(database, 'create table t as select 1 as a');
    await query(database, 'checkpoint');
    expect(await value(database, 'select a from t')).toBe(1);
    const big = `select count(*)::int from (select i, repeat(i::varchar, 40) as t from range(1000000) r(i) order by t)`;
    expect(await value(database, big)).toBe(1_000_000);
  });

  test('loads what attachments and secrets need, though the profile does not list it', async () => {
    const { database } = await openHardened({
      extensions: [],
      secrets: [{ type: 'http', name: 's', bearer_token: 'x' }],
    });
    expect(await query(database, 'select name, persistent from duckdb_secrets()')).toEqual([
      { name: 's', persistent: false },
    ]);
  });

  test('keeps the folders that the profile allows besides', async () => {
    const other = `${makeFolder()}/o'brien`;
    mkdirSync(other);
    const { database } = await openHardened({ settings: { allowed_directories: `["${other}"]` } });
    expect(await value(database, `select current_setting('allowed_directories')::varchar`)).toContain('brien');
    await query(database, `copy (select 1 as a) to '${other.replace("'", "''")}/a.csv'`);
    expect(await value(database, `select a::int from '${other.replace("'", "''")}/a.csv'`)).toBe(1);
  });
});

test.each([
  ['test', undefined, false],
  ['prod', undefined, false],
  ['dev', undefined, true],
  ['prod', false, true],
  ['dev', true, false],
])('target %s with hardened %s: external access is %s', async (target, hardened, expected) => {
  const database = await openDatabase(
    makeProfile({ ...(hardened !== undefined && { pipeline: { hardened } }) }, {}, target),
  );
  expect(await value(database, `select current_setting('enable_external_access')`)).toBe(expected);
  expect(await value(database, `select current_setting('lock_configuration')`)).toBe(!expected);
});

test('what the profile sets itself is left to it', async () => {
  const { outside, database } = await openHardened({
    settings: { enable_external_access: true, lock_configuration: false },
  });
  expect(await value(database, `select a::int from '${outside}'`)).toBe(1);
  await query(database, 'set threads = 2');
});

test('a profile that is not hardened may shut the door itself, after attaching', async () => {
  const folder = makeFolder();
  const attach = [
    { path: `${folder}/other.duckdb`, alias: 'other' },
    { path: ':memory:', alias: 'source_memories' },
  ];
  const settings = { lock_configuration: true, enable_external_access: false };
  const database = await openDatabase(makeProfile({ attach, settings, pipeline: { hardened: false } }));
  await query(database, 'create table other.t as select 1');
  await expect(query(database, 'set threads = 3')).rejects.toThrow('locked');
});
