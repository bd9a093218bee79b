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
/** Columns that later versions have added to its tables. */
const NEWER = [
  ['episode', 'session_id', 'varchar'],
  ['association', 'made_by', 'varchar'],
  ['association', 'first_w', 'double'],
  ['association', 'first_at', 'timestamp'],
  ['association', 'first_count', 'integer'],
  ['association', 'first_step', 'bigint'],
  ['coactivation', 'step', 'bigint'],
  ['ledger', 'parameters', 'varchar'],
] as const;
const TIMES = ['brought to the newest version', 'opened again'] as const;

test('a file that version 0.2.0 wrote is opened, brought to the newest version and opened again, with every row of it', async () => {
  const path = unpackDatabase();
  const old = await openReadOnly(path);
  const [versions, columns] = [await query(old, 'select version from migration order by 1'), await query(old, COLUMNS)];
  old.close();
  expect(versions).toEqual([1, 2, 3, 4, 5].map((version) => ({ version })));

  for (const time of TIMES) {
    const database = await openDatabase(makeProfile({ path }, {}, 'dev'));
    expect(await query(database, 'select version from migration order by 1'), time).toEqual(VERSIONS);
    expect(await query(database, COLUMNS)).toEqual(expect.arrayContaining(columns));
    // An episode of 0.2.0 is in the session that the last silence before it opened.
    const apart = await query(
      database,
      `select episode_id from episode e where session_id is distinct from (
        select arg_max(episode_id, started_at) from episode f
        where f.agent = e.agent and f.started_at <= e.started_at and f.boundary in ('first', 'silence'))`,
    );
    if (time === TIMES[0]) expect(apart).toEqual([]);
    // Links made by 0.2.0 do not say what made them, and their weights are folded from what they were when it was first kept.
    expect(await query(database, 'select distinct made_by from association')).toEqual([{ made_by: null }]);
    const links = await query(
      database,
      `select first_w = w and first_at = last_at and first_count = co_activation_count as as_it_was,
      first_step::int as first_step, count(*) > 0 as any from association group by all`,
    );
    if (time === TIMES[0]) expect(links).toEqual([{ as_it_was: true, first_step: 0, any: true }]);
    // Columns that are newer than its hashes; they are lost by this.
    for (const [table, column] of NEWER) await query(database, `alter table ${table} drop column ${column}`);
    // The hashes are those that version 0.2.0 itself printed: they are over every column of every row.
    const { tables } = await database.use(computeChecksum);
    expect(tables, time).toEqual(expect.arrayContaining([...CHECKSUM.tables]));
    for (const [table, column, type] of NEWER)
      await query(database, `alter table ${table} add column ${column} ${type}`);
    expect(await value(database, 'select count(*)::int from memory')).toBe(MEMORIES);
    database.close();
  }
});
