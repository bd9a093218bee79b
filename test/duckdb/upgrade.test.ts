import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { computeChecksum } from '../../duckdb/checksum.ts';
import { openReadOnly } from '../../duckdb/database.ts';
import { makeProfile, openDatabase, query, value } from '../support/database.ts';
import { CHECKSUM, MEMORIES, unpackDatabase } from '../support/release.ts';

const VERSIONS = readdirSync(new URL('../../duckdb/migrations/', import.meta.url))
  .sort()
  .map((file) => ({ version: Number.parseInt(file, 10) }));
const COLUMNS = `select table_name, column_name, data_type, is_nullable from duckdb_columns()
  where not internal order by table_name, column_index`;

test('a file that version 0.2.0 wrote is opened, brought to the newest version and opened again, with every row of it', async () => {
  const path = unpackDatabase();
  const old = await openReadOnly(path);
  const [versions, columns] = [await query(old, 'select version from migration order by 1'), await query(old, COLUMNS)];
  old.close();
  expect(versions).toEqual([1, 2, 3, 4, 5].map((version) => ({ version })));

  for (const time of ['brought to the newest version', 'opened again']) {
    const database = await openDatabase(makeProfile({ path }, {}, 'dev'));
    expect(await query(database, 'select version from migration order by 1'), time).toEqual(VERSIONS);
    expect(await query(database, COLUMNS)).toEqual(expect.arrayContaining(columns));
    // Links made by 0.2.0 do not say what made them; that column is newer than its hashes.
    expect(await query(database, 'select distinct made_by from association')).toEqual([{ made_by: null }]);
    await query(database, 'alter table association drop column made_by');
    // The hashes are those that version 0.2.0 itself printed: they are over every column of every row.
    const { tables } = await database.use(computeChecksum);
    expect(tables, time).toEqual(expect.arrayContaining([...CHECKSUM.tables]));
    await query(database, 'alter table association add column made_by varchar');
    expect(await value(database, 'select count(*)::int from memory')).toBe(MEMORIES);
    database.close();
  }
});
