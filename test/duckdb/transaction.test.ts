import { expect, test } from 'vitest';
import { transact } from '../../duckdb/transaction.ts';
import { openDatabase, query } from '../support/database.ts';

async function open() {
  const database = await openDatabase();
  await query(database, 'create table done (i integer not null)');
  const insert = (
    body: (statement: (sql: string) => Promise<unknown>) => Promise<unknown>,
    options?: { keep: boolean },
  ) => database.use((connection) => transact(connection, () => body((sql) => connection.run(sql)), options));
  return { insert, rows: () => query(database, 'from done') };
}

test('what the body does is committed, and its result is given back', async () => {
  const { insert, rows } = await open();
  expect(await insert((run) => run('insert into done values (1)').then(() => 'done'))).toBe('done');
  expect(await rows()).toEqual([{ i: 1 }]);
});

test('a body that throws leaves nothing, and its own error is the one that is told', async () => {
  const { insert, rows } = await open();
  const failing = insert(async (run) => {
    await run('insert into done values (1)');
    throw new Error('half way');
  });
  await expect(failing).rejects.toThrow('half way');
  expect(await rows()).toEqual([]);
});

test('with keep: false nothing stays, though nothing failed', async () => {
  const { insert, rows } = await open();
  await insert((run) => run('insert into done values (1)'), { keep: false });
  expect(await rows()).toEqual([]);
});
