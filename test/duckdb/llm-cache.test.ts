import { join } from 'node:path';
import { expect, test } from 'vitest';
import { computeChecksum } from '../../duckdb/checksum.ts';
import { connect } from '../../duckdb/database.ts';
import { ServiceError } from '../../memory/errors.ts';
import { makeFolder, makeProfile, openDatabase, query, run } from '../support/database.ts';
import { scriptModel } from '../support/scripted-model.ts';

const ask = (n: number, prefix = 'p') => `select llm_generate('${prefix}' || i) from range(${String(n)}) r(i)`;

function limited(cache: string) {
  return makeProfile({ pipeline: { llm: { cache } } });
}

test('what was answered once is not asked again, also by another process', async () => {
  const profile = makeProfile({ path: join(makeFolder(), 'kept.duckdb') });
  const first = scriptModel();
  const database = await connect(profile, () => undefined, { model: first });
  await run(database, ask(20));
  await run(database, `select llm_embed('e' || i) from range(5) r(i)`);
  database.close();
  const second = scriptModel();
  const again = await openDatabase(profile, second);
  await run(again, ask(20));
  const vectors = await run(again, `select llm_embed('e' || i) as v from range(5) r(i)`);
  expect(vectors[0]).toEqual({ v: [2, 0.5, -2] });
  expect([second.asked, second.batches]).toEqual([[], []]);
});

test('the key holds the model with its digest, the function, the schema and the options that change an answer', async () => {
  const model = scriptModel(() => '{}');
  const database = await openDatabase(makeProfile(), model);
  const asked = async (call: string): Promise<number> => {
    const before = model.asked.length;
    await run(database, `select ${call}`);
    return model.asked.length - before;
  };
  expect(await asked(`llm_generate('x')`)).toBe(1);
  for (const same of [
    `llm_generate('x', '{ }')`,
    `llm_generate('x', {'seed': 0})`,
    `llm_generate('x', {'timeout': 9, 'keep_alive': '5m'})`,
  ])
    expect(await asked(same), same).toBe(0);
  for (const other of [
    `llm_generate('y')`,
    `llm_generate('x', {'seed': 1})`,
    `llm_generate('x', {'temperature': 0.1})`,
    `llm_generate('x', {'model': 'm'})`,
  ])
    expect(await asked(other), other).toBe(1);
  expect(await asked(`llm_generate_json('x', '{"type": "object"}')`)).toBe(1);
  expect(await asked(`llm_generate_json('x', '{"type":"object"}', {'seed': 0})`)).toBe(0);
  expect(await asked(`llm_generate_json('x', '{"type": "object", "minProperties": 0}')`)).toBe(1);
  model.identify = () => Promise.resolve('large@ffffffffffff');
  expect(await asked(`llm_generate('x')`)).toBe(1);
});

test('over its limit it gives up the least recently used, and a statement larger than the limit still ends', async () => {
  const model = scriptModel(() => 'a'.repeat(1000));
  const database = await openDatabase(limited('20KB'), model);
  await run(database, ask(5, 'old'));
  await run(database, ask(5, 'mid'));
  await run(database, ask(5, 'old'));
  await run(database, ask(10, 'new'));
  const [{ bytes } = {}] = await query(database, 'select sum(bytes)::integer as bytes from llm_cache');
  expect(bytes).toBeLessThanOrEqual(20_000);
  const before = model.prompts().length;
  await run(database, ask(5, 'old'));
  await run(database, ask(10, 'new'));
  expect(model.prompts().length).toBe(before);
  await run(database, ask(5, 'mid'));
  expect(model.prompts().length).toBeGreaterThan(before);
  expect((await run(database, ask(100, 'more'))).length).toBe(100);
});

test('it is no part of the state', async () => {
  const database = await openDatabase(makeProfile(), scriptModel());
  const before = await database.use(computeChecksum);
  await run(database, ask(3));
  expect(await database.use(computeChecksum)).toEqual(before);
});

test('a database without the table, such as one that is not ours, keeps answers in memory', async () => {
  const model = scriptModel();
  const database = await openDatabase(makeProfile(), model);
  await query(database, 'drop table llm_cache');
  await run(database, ask(3));
  await run(database, ask(4));
  expect(model.prompts()).toEqual(['p0', 'p1', 'p2', 'p3']);
  expect(await query(database, `select 1 from duckdb_tables() where table_name = 'llm_cache'`)).toEqual([]);
});

test('when one call fails, what was answered before is kept: a retry pays only for the rest', async () => {
  let broken = true;
  const model = scriptModel(({ prompt }) => {
    if (broken && prompt === 'p6') throw new ServiceError('the model has died');
    return prompt;
  }, 1);
  const database = await openDatabase(makeProfile(), model);
  await expect(run(database, ask(10))).rejects.toThrow('the model has died');
  const paid = new Set(model.prompts());
  broken = false;
  model.asked.length = 0;
  expect((await run(database, ask(10))).length).toBe(10);
  expect(model.prompts().filter((prompt) => paid.has(prompt))).toEqual(['p6']);
  expect(paid.size).toBeGreaterThan(1);
});
