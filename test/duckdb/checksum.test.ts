import { expect, test } from 'vitest';
import { computeChecksum } from '../../duckdb/checksum.ts';
import { makeProfile, openDatabase, query } from '../support/database.ts';

const ROWS = Array.from(
  { length: 40 },
  (_, index) => `('a${String(index)}', 'b', '2026-03-01', ${String(index)} / 40, 'c')`,
);

async function checksumOf(...statements: string[]): Promise<string> {
  const database = await openDatabase();
  for (const statement of statements) await query(database, statement);
  return (await database.use(computeChecksum)).checksum;
}

const insert = (rows: readonly string[]) =>
  `insert into coactivation (src, dst, ts, activation, cycle_id) values ${rows.join(', ')}`;

test('the same rows in another order are the same state', async () => {
  expect(await checksumOf(insert(ROWS))).toBe(
    await checksumOf(insert(ROWS.slice(20)), insert(ROWS.slice(0, 20).reverse())),
  );
});

test.each([
  ['a changed value', `update coactivation set activation = activation + 1e-15 where src = 'a7'`],
  ['a row that stands twice', insert(ROWS.slice(7, 8))],
  ['a row less', `delete from coactivation where src = 'a7'`],
  ['two values exchanged', `update coactivation set src = dst, dst = src where src = 'a7'`],
  ['a row in another table', `insert into watermark values ('a', '2026-03-01', 'b')`],
])('%s is another state', async (_, change) => {
  expect(await checksumOf(insert(ROWS), change)).not.toBe(await checksumOf(insert(ROWS)));
});

test('two equal rows do not cancel out: two others in their place are another state', async () => {
  const twice = (row: string) => insert([row, row]);
  expect(await checksumOf(twice(ROWS[0]!))).not.toBe(await checksumOf(twice(ROWS[1]!)));
});

test('rows and hash are told for each state table, sorted; migrations and temporary tables are no state', async () => {
  const database = await openDatabase(makeProfile());
  const { tables } = await database.use(async (connection) => {
    await connection.run(
      `create temp table scratch as select 1; insert into watermark values ('a', '2026-03-01', 'b')`,
    );
    return computeChecksum(connection);
  });
  const names = tables.map(({ table }) => table);
  expect(names).toEqual(names.toSorted());
  expect(names).toContain('trace');
  expect(names).not.toContain('migration');
  expect(names).not.toContain('scratch');
  expect(tables.filter(({ rows }) => rows > 0)).toEqual([
    { table: 'watermark', rows: 1, hash: expect.stringMatching(/^[0-9a-f]{16}$/) },
  ]);
});
