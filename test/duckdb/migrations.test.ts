import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { connect } from '../../duckdb/database.ts';
import { migrate } from '../../duckdb/migrations.ts';
import { ConfigurationError } from '../../memory/errors.ts';
import { makeFolder, makeProfile, openDatabase, query, value } from '../support/database.ts';

const FILES = readdirSync(new URL('../../duckdb/migrations/', import.meta.url)).sort();
const RECORD = FILES.map((file) => ({ version: Number.parseInt(file, 10), file }));
const RECORDED = 'from migration order by version';

test('the files are numbered without a gap, in six digits', () => {
  expect(FILES).toEqual(FILES.map((_, index) => `${String(index + 1).padStart(6, '0')}.sql`));
});

test('those that version 0.2.0 applied are as they were', () => {
  const read = (file: string) => readFileSync(new URL(`../../duckdb/migrations/${file}`, import.meta.url));
  const text = Buffer.concat(FILES.slice(0, 5).map(read));
  expect(createHash('md5').update(text).digest('hex')).toBe('0bcc002e570adaea4197a3851a4d6163');
});

test('a fresh database gets every migration, each with its record', async () => {
  const database = await openDatabase();
  expect(await query(database, RECORDED)).toEqual(RECORD);
  expect(await value(database, 'select count(*)::int from memory')).toBe(0);
});

test('a second run changes nothing', async () => {
  const database = await openDatabase();
  await query(database, `insert into watermark values ('kept', '2026-03-01', 'a')`);
  await database.use((connection) => migrate(connection, ':memory:'));
  expect(await query(database, RECORDED)).toEqual(RECORD);
  expect(await value(database, 'select source from watermark')).toBe('kept');
});

test('a database that a newer program has opened is refused with both versions and left as it is', async () => {
  const profile = makeProfile({ path: `${makeFolder()}/newer.duckdb` });
  const database = await connect(profile, () => undefined);
  await query(database, `insert into migration values (999, '000999.sql')`);
  database.close();
  const opening = connect(profile, () => undefined);
  await expect(opening).rejects.toBeInstanceOf(ConfigurationError);
  await expect(opening).rejects.toThrow(
    `newer.duckdb: its version is 999, this program knows versions up to ${String(FILES.length)}.`,
  );
});

test('a migration that fails leaves nothing of itself behind', async () => {
  const database = await openDatabase();
  await database.use(async (connection) => {
    await connection.run(`attach ':memory:' as other; use other; create table watermark (mine integer)`);
    await expect(migrate(connection, 'other')).rejects.toThrow('"watermark" already exists');
    const left = await connection.runAndReadAll(
      `select table_name from duckdb_tables() where database_name = 'other' order by table_name`,
    );
    expect(left.getRowsJS()).toEqual([['migration'], ['watermark']]);
    expect((await connection.runAndReadAll('from migration')).getRowsJS()).toEqual([]);
  });
});

test("a file that was embedded before memories had parts keeps every vector, as its memory's part 0", async () => {
  const folder = new URL('../../duckdb/migrations/', import.meta.url);
  const database = await openDatabase();
  await database.use(async (connection) => {
    await connection.run(
      `attach ':memory:' as old; use old; create table migration (version integer primary key, file varchar not null)`,
    );
    for (const { version, file } of RECORD.slice(0, 6)) {
      await connection.run(readFileSync(new URL(file, folder), 'utf8'));
      await connection.run(`insert into migration values (${String(version)}, '${file}')`);
    }
    await connection.run(`insert into embedding select 'm' || i, 'e@' || i % 2, 'h' || i, [i, 1.5], if(i = 3, null, timestamp '2026-03-01'),
      timestamp '2026-03-02' from range(1000) r(i)`);
    const read = async () =>
      (
        await connection.runAndReadAll(
          'select memory_id, model, content_hash, vector, compared_at, changed_at from embedding order by all',
        )
      ).getRowsJson();
    const before = await read();
    await migrate(connection, 'old');
    expect(await read()).toEqual(before);
    expect((await connection.runAndReadAll('select distinct part from embedding')).getRowsJS()).toEqual([[0]]);
    await connection.run(`insert into embedding select * replace (1 as part) from embedding`);
    await expect(connection.run(`insert into embedding from embedding limit 1`)).rejects.toThrow(
      /duplicate key|constraint/i,
    );
    await connection.run('use memory');
  });
});
