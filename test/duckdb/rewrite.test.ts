import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
  mkdirSync,
  chmodSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openReconnecting } from '../../duckdb/reconnecting.ts';
import { rewriting } from '../../duckdb/rewrite.ts';
import { makeFolder, makeProfile, query, value } from '../support/database.ts';

const SECRET = 'the only secret sentence in here';
const KEPT = 'a sentence that is kept for good';

async function open(fields: Record<string, unknown> = {}) {
  const folder = makeFolder();
  const path = join(folder, 'state.duckdb');
  const profile = makeProfile({ path, settings: { force_compression: 'uncompressed' }, ...fields });
  const database = await openReconnecting({ profile: () => profile, report: () => undefined });
  onTestFinished(() => database.close());
  const rewrite = rewriting(database, profile) ?? (() => Promise.reject(new Error('in memory')));
  return { folder, path, profile, database, rewrite };
}

const holds = (path: string, text: string) => readFileSync(path).includes(text);

test('the bytes of a deleted row are in the file after a checkpoint, and are not when it was rewritten', async () => {
  const { path, database, rewrite, folder } = await open();
  await query(database, `create table note as select * from (values (1, '${SECRET}'), (2, '${KEPT}')) t(n, text)`);
  await query(database, 'checkpoint');
  await query(database, 'delete from note where n = 1');
  await query(database, 'force checkpoint');
  expect([holds(path, SECRET), holds(path, KEPT)]).toEqual([true, true]);
  await rewrite();
  expect([holds(path, SECRET), holds(path, KEPT)]).toEqual([false, true]);
  expect(readdirSync(folder)).toEqual(['state.duckdb']);
  expect(await value(database, 'select text from note')).toBe(KEPT);
});

test('all that others keep in the file is there afterwards: schemas, views on what is attached, macros, keys, indexes, comments', async () => {
  const { database, rewrite } = await open({ pipeline: { hardened: true } });
  for (const sql of [
    'create schema marts',
    'create table marts.sum (id integer primary key, twice integer generated always as (id * 2), check (id > 0))',
    'insert into marts.sum (id) values (3)',
    'create table source_memories.t as select 7 as n',
    'create view marts.through as select n from source_memories.t',
    'create macro plus(x) as x + 1',
    'create sequence counter start 5',
    'create index by_twice on raw_memory (agent)',
    `comment on table marts.sum is 'sums'`,
  ])
    await query(database, sql);
  await rewrite();
  await query(database, 'create or replace table source_memories.t as select 7 as n');
  expect(await query(database, 'select id, twice from marts.sum')).toEqual([{ id: 3, twice: 6 }]);
  expect(await query(database, `select n, plus(n) as m from marts.through`)).toEqual([{ n: 7, m: 8 }]);
  await expect(query(database, 'insert into marts.sum (id) values (3)')).rejects.toThrow('uplicate key');
  expect(await value(database, `select comment from duckdb_tables() where table_name = 'sum'`)).toBe('sums');
  expect(await value(database, `select index_name from duckdb_indexes() where index_name = 'by_twice'`)).toBe(
    'by_twice',
  );
  expect(await value(database, `select nextval('counter')::int`)).toBe(5);
});

test('tables that refer to each other by keys are copied in the order that the keys want', async () => {
  const { database, rewrite } = await open();
  for (const sql of [
    'create table z_parent (id integer primary key)',
    'create table m_child (id integer primary key references z_parent (id))',
    'create table a_grandchild (id integer references m_child (id))',
    'insert into z_parent values (1)',
    'insert into m_child values (1)',
    'insert into a_grandchild values (1)',
  ])
    await query(database, sql);
  await rewrite();
  expect(await value(database, 'select id from a_grandchild join m_child using (id) join z_parent using (id)')).toBe(1);
  await expect(query(database, 'insert into a_grandchild values (2)')).rejects.toThrow('oreign key');
});

test('the new file has the rights and the format of the old one, and a link to it stays a link', async () => {
  const { path, profile, database, folder } = await open();
  chmodSync(path, 0o640);
  const link = join(folder, 'link.duckdb');
  symlinkSync(path, link);
  await rewriting(database, { ...profile, path: link })?.();
  expect([statSync(path).mode & 0o777, lstatSync(link).isSymbolicLink()]).toEqual([0o640, true]);
});

test('who uses the database is waited for, and who wants to use it waits', async () => {
  const { database, rewrite } = await open();
  const order: string[] = [];
  const rewritten: Promise<unknown>[] = [];
  await database.use(async (connection) => {
    rewritten.push(rewrite().then(() => order.push('rewritten')));
    await connection.run('create table made as select 1 as n');
    // A use within a use must not wait for what waits for the outer one.
    order.push(`used within: ${String(await value(database, 'select n from made'))}`);
  });
  // It begins when the last use has ended.
  await new Promise((resolve) => setImmediate(resolve));
  const after = value(database, 'select n from made').then((n) => order.push(`used after: ${String(n)}`));
  await Promise.all([...rewritten, after]);
  expect(order).toEqual(['used within: 1', 'rewritten', 'used after: 1']);
});

test('a rewriting that fails leaves the file as it was, and the database opens again', async () => {
  const { path, database, folder, rewrite } = await open();
  await query(database, `insert into watermark values ('kept', '2026-03-01', 'b')`);
  // Nothing can be made where a folder is.
  mkdirSync(`${path}.next`);
  writeFileSync(join(`${path}.next`, 'file'), '');
  await expect(rewrite()).rejects.toThrow();
  expect(await value(database, 'select source from watermark')).toBe('kept');
  expect(existsSync(join(folder, 'state.duckdb'))).toBe(true);
});

test('what a killed process has spilled goes too', async () => {
  const spill = makeFolder();
  const { rewrite } = await open({ settings: { temp_directory: spill } });
  for (const name of ['duckdb_temp_storage_DEFAULT-0.tmp', 'mine.txt']) writeFileSync(join(spill, name), SECRET);
  await rewrite();
  expect(readdirSync(spill)).toEqual(['mine.txt']);
});

test('a database in memory is not rewritten: it has no file', async () => {
  const { profile, database } = await open({ path: ':memory:' });
  expect(rewriting(database, profile)).toBeNull();
});
