import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Database } from '../../duckdb/database.ts';
import { runStatement } from '../../llm-sql/statement.ts';
import { transactInPasses } from '../../llm-sql/transaction.ts';
import { makeProfile, query } from '../support/database.ts';
import { openLlmDatabase, run } from '../support/llm-database.ts';
import { scriptModel, type ScriptedModel } from '../support/scripted-model.ts';

async function open(model = scriptModel()): Promise<{ model: ScriptedModel; database: Database }> {
  const database = await openLlmDatabase(makeProfile({ threads: 2 }), model);
  await run(database, 'create sequence passes');
  await run(database, 'create table done (i integer, a varchar not null)');
  return { model, database };
}

/** How often a statement that ends in `order by nextval('passes')` was run to its end. */
async function countPasses(database: Database): Promise<number> {
  const [row] = await query(database, `select nextval('passes')::integer as n`);
  return Number(row?.['n']) - 1;
}

test('a statement takes effect once, though it runs in two passes, and keeps its constraints', async () => {
  const { database } = await open();
  // In the first pass the answers are NULL, which the column refuses.
  await run(database, `insert into done select i, llm_generate('p' || i) from range(3) r(i)`);
  expect(await query(database, 'select i, a from done order by i')).toEqual([
    { i: 0, a: '<p0>' },
    { i: 1, a: '<p1>' },
    { i: 2, a: '<p2>' },
  ]);
});

test('nested calls take one pass more for each level', async () => {
  const { model, database } = await open();
  const nested = (depth: number): string => (depth === 0 ? `'x'` : `llm_generate(${nested(depth - 1)})`);
  expect(await run(database, `select ${nested(7)} as a`)).toEqual([{ a: '<<<<<<<x>>>>>>>' }]);
  expect(model.prompts().length).toBe(7);
});

test('prompts that grow with every answer end after eight passes, with an error, and leave nothing behind', async () => {
  const { model, database } = await open();
  const sql = `insert into done with recursive r(i, a) as
    (select 0, 'x' union all select i + 1, llm_generate(a) from r where i < 20) select * from r`;
  await expect(run(database, sql)).rejects.toThrow(/still given new prompts in pass 8/);
  expect(await query(database, 'from done')).toEqual([]);
  expect(model.prompts().length).toBe(7);
});

test('prompts that are different each time end the same way', async () => {
  const { database } = await open();
  await expect(run(database, `select llm_generate(random()::varchar)`)).rejects.toThrow(/random\(\)/);
});

test('an answer that is not needed is not asked for, and TRY cannot turn a missing one into NULL', async () => {
  const { model, database } = await open();
  expect(await run(database, `select case when false then llm_generate('x') else 'no' end as a`)).toEqual([
    { a: 'no' },
  ]);
  await expect(run(database, `select try(llm_generate('x'))`)).rejects.toThrow(/TRY can not be used/);
  expect(model.prompts()).toEqual([]);
});

test('a statement without LLM functions runs once, in no transaction of its own', async () => {
  const { database } = await open();
  await run(database, `select i from range(3) r(i) where nextval('passes') > 0`);
  expect(await countPasses(database)).toBe(3);
  await run(database, 'checkpoint');
});

test('a statement that fails with every answer known has failed: its error is told, the answers are kept', async () => {
  const { model, database } = await open();
  const sql = `insert into done select 1, nullif(llm_generate('x'), '<x>')`;
  await expect(run(database, sql)).rejects.toThrow(/a statement: Constraint Error: NOT NULL/);
  await expect(run(database, sql)).rejects.toThrow(/NOT NULL/);
  expect(model.prompts()).toEqual(['x']);
});

describe('within a transaction', () => {
  test('the whole body is repeated, works on no placeholder, and takes effect once', async () => {
    const { database } = await open();
    const seen: unknown[] = [];
    await database.use((connection) =>
      transactInPasses(connection, async () => {
        await runStatement(connection, 'first', `insert into done values (1, 'before')`);
        const [row] = (await runStatement(connection, 'second', `select llm_generate('q') as a`)).getRowObjectsJS();
        seen.push(row?.['a']);
        await runStatement(
          connection,
          'third',
          `insert into done values (2, llm_generate('after ' || '${row?.['a'] as string}'))`,
        );
      }),
    );
    expect(seen).toEqual(['<q>', '<q>']);
    expect(await query(database, 'from done order by i')).toEqual([
      { i: 1, a: 'before' },
      { i: 2, a: '<after <q>>' },
    ]);
  });

  test('a body that swallows errors cannot commit placeholders', async () => {
    const { database } = await open();
    await database.use((connection) =>
      transactInPasses(connection, async () => {
        await runStatement(connection, 's', `create or replace table kept as select llm_generate('k') as a`).catch(
          () => [],
        );
      }),
    );
    expect(await query(database, 'from kept')).toEqual([{ a: '<k>' }]);
  });

  test('keep: false rolls back, also what an LLM answered', async () => {
    const { database } = await open();
    const insert = `insert into done values (1, llm_generate('x'))`;
    await database.use((connection) =>
      transactInPasses(connection, () => runStatement(connection, 's', insert), { keep: false }),
    );
    expect(await query(database, 'from done')).toEqual([]);
  });

  test('one that was begun by hand cannot be repeated, and says so', async () => {
    const { database } = await open();
    await database.use(async (connection) => {
      await connection.run('begin');
      await expect(runStatement(connection, 's', `select llm_generate('x')`)).rejects.toThrow(
        /cannot be begun by hand/,
      );
      await connection.run('rollback');
    });
  });
});

test('statements of several connections, at once: each gets its own answers', async () => {
  const { model, database } = await open(
    scriptModel(async ({ prompt }) => {
      await setTimeout(prompt.length % 5);
      return `<${prompt}>`;
    }),
  );
  const counts = await Promise.all(
    Array.from({ length: 6 }, async (_, c) => {
      const sql = `select count(*) filter (a = '<c${c}:' || i || '>')::integer as n
        from (select i, llm_generate('c${c}:' || i) as a from range(40) r(i))`;
      return (await run(database, sql))[0]?.['n'];
    }),
  );
  expect(counts).toEqual(Array(6).fill(40));
  expect(model.prompts().length).toBe(240);
});

test('what a connection of another kind asks is refused, not answered with NULL', async () => {
  const { database } = await open();
  await expect(query(database, `select llm_generate('x')`)).rejects.toThrow(/cannot wait for a model here/);
});

test('as many calls at once as the model takes, while the event loop stays free', async () => {
  const model = scriptModel(async ({ prompt }) => {
    await setTimeout(20);
    return prompt;
  }, 5);
  const { database } = await open(model);
  let beats = 0;
  const heart = setInterval(() => (beats += 1), 5);
  await run(database, `select llm_generate('p' || i) from range(50) r(i)`);
  clearInterval(heart);
  expect(model.peak).toBe(5);
  // 50 calls of 20 ms, five at once, are 200 ms.
  expect(beats).toBeGreaterThan(10);
});
