import { onTestFinished, expect, test } from 'vitest';
import { streamColumns, type Columns } from '../../duckdb/columns.ts';
import { openScratch } from '../../duckdb/database.ts';

/** What a body makes of each piece of a result. */
async function read<T>(
  text: string,
  of: (columns: Columns) => T,
  parameters: Record<string, number> = {},
): Promise<T[]> {
  const database = await openScratch();
  onTestFinished(() => database.close());
  const found: T[] = [];
  await database.use((connection) => streamColumns(connection, text, parameters, (columns) => found.push(of(columns))));
  return found;
}

test('numbers come as DuckDB has them, in pieces, in their order', async () => {
  const pieces = await read(
    'select i::integer as i, i / 2 as half from range($many) r(i)',
    (columns) => ({
      rows: columns.rows,
      whole: [...columns.numbers(0, Int32Array)],
      halves: [...columns.numbers(1, Float64Array)],
    }),
    { many: 5_000 },
  );
  expect(pieces.length).toBeGreaterThan(1);
  expect(pieces.flatMap(({ whole }) => whole)).toEqual([...Array(5_000).keys()]);
  expect(pieces.flatMap(({ halves }) => halves)).toEqual([...Array(5_000).keys()].map((each) => each / 2));
});

test.each(['', 'where i % 3 = 1', 'order by i desc', 'where false'])(
  'lists are those of the rows that are left: %s',
  async (left) => {
    const rows = `select range(i)::uinteger[] as list, i::integer as i from range(40) r(i) ${left}`;
    const pieces = await read(rows, (columns) => ({
      ...{ i: [...columns.numbers(1, Int32Array)], counts: [...columns.lists(0, Uint32Array).counts] },
      values: [...columns.lists(0, Uint32Array).values],
    }));
    const expected = pieces.flatMap(({ i }) => i);
    expect(pieces.flatMap(({ counts }) => counts)).toEqual(expected);
    expect(pieces.flatMap(({ values }) => values)).toEqual(expected.flatMap((count) => [...Array(count).keys()]));
  },
);

test('lists of rows that a join repeats are repeated', async () => {
  const rows = `select list from (values (1, [1, 2]::tinyint[]), (2, [3]::tinyint[])) t(n, list) join range(2) r(i) on true order by i, n`;
  const [found] = await read(rows, (columns) => columns.lists(0, Int8Array).values.slice());
  expect([...(found ?? [])]).toEqual([1, 2, 3, 1, 2, 3]);
});
