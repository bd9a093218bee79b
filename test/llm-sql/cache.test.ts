import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { computeChecksum } from '../../duckdb/checksum.ts';
import { createResolve } from '../../llm-sql/answers.ts';
import { LlmCache } from '../../llm-sql/cache.ts';
import type { Call } from '../../llm-sql/calls.ts';
import { connectWithLlm } from '../../llm-sql/database.ts';
import { SqlMeter } from '../../llm-sql/meter.ts';
import type { Database } from '../../duckdb/database.ts';
import type { Row } from '../../duckdb/statement.ts';
import { openOllama } from '../../llm/ollama.ts';
import { ServiceError } from '../../memory/errors.ts';
import { makeFolder, makeProfile, query } from '../support/database.ts';
import { openLlmDatabase, run } from '../support/llm-database.ts';
import { reply, startFakeOllama, type Script } from '../support/fake-ollama.ts';
import { scriptModel } from '../support/scripted-model.ts';
import { settingsFor } from '../llm/model.contract.ts';

const ask = (n: number, prefix = 'p') => `select llm_generate('${prefix}' || i) from range(${String(n)}) r(i)`;

function limited(cache: string) {
  return makeProfile({ pipeline: { llm: { cache } } });
}

test('what was answered once is not asked again, also by another process', async () => {
  const profile = makeProfile({ path: join(makeFolder(), 'kept.duckdb') });
  const first = scriptModel();
  const database = await connectWithLlm(profile, () => undefined, { model: first, embedding: first });
  await run(database, ask(20));
  await run(database, `select llm_embed('e' || i) from range(5) r(i)`);
  database.close();
  const second = scriptModel();
  const again = await openLlmDatabase(profile, second);
  await run(again, ask(20));
  const vectors = await run(again, `select llm_embed('e' || i) as v from range(5) r(i)`);
  expect(vectors[0]).toEqual({ v: [2, 0.5, -2] });
  expect([second.asked, second.batches]).toEqual([[], []]);
});

test('the key holds the model with its digest, the function, the schema and the options that change an answer', async () => {
  const model = scriptModel(() => '{}');
  const database = await openLlmDatabase(makeProfile(), model);
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
    `llm_generate('x', {'num_ctx': 8192})`, // which is the model's room
  ])
    expect(await asked(same), same).toBe(0);
  for (const other of [
    `llm_generate('y')`,
    `llm_generate('x', {'seed': 1})`,
    `llm_generate('x', {'temperature': 0.1})`,
    `llm_generate('x', {'num_predict': 100})`,
    `llm_generate('x', {'num_predict': 200})`,
    `llm_generate('x', {'num_ctx': 4096})`,
    `llm_generate('x', {'model': 'm'})`,
  ])
    expect(await asked(other), other).toBe(1);
  expect(await asked(`llm_generate_json('x', '{"type": "object"}')`)).toBe(1);
  expect(await asked(`llm_generate_json('x', '{"type":"object"}', {'seed': 0})`)).toBe(0);
  expect(await asked(`llm_generate_json('x', '{"type": "object", "minProperties": 0}')`)).toBe(1);
  model.identify = () => Promise.resolve('large@ffffffffffff');
  expect(await asked(`llm_generate('x')`)).toBe(1);
});

test('a larger num_ctx in the profile gives room for a longer answer, so what was kept with a smaller one is asked again', async () => {
  const profile = makeProfile({ path: join(makeFolder(), 'room.duckdb') });
  const answers = async (room: number): Promise<Row[]> => {
    const model = { ...scriptModel(() => `as fits ${String(room)}`), room };
    const database = await connectWithLlm(profile, () => undefined, { model, embedding: model });
    try {
      return await run(database, `select llm_generate('x') as a`);
    } finally {
      database.close();
    }
  };
  expect(await answers(2048)).toEqual([{ a: 'as fits 2048' }]);
  expect(await answers(8192)).toEqual([{ a: 'as fits 8192' }]);
});

test('over its limit it gives up the least recently used, and a statement larger than the limit still ends', async () => {
  const model = scriptModel(() => 'a'.repeat(1000));
  const database = await openLlmDatabase(limited('20KB'), model);
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

test('a vector counts with four bytes for each of its numbers', async () => {
  const model = scriptModel();
  model.embed = (texts) => Promise.resolve(texts.map(() => new Float32Array(1000)));
  const database = await openLlmDatabase(limited('20KB'), model);
  await run(database, `select llm_embed('e' || i) from range(20) r(i)`);
  const [kept] = await query(database, 'select count(*)::integer as n, max(bytes)::integer as bytes from llm_cache');
  expect(kept).toEqual({ n: 4, bytes: 4000 + 64 + 'large@0123456789ab'.length });
});

test('it is no part of the state', async () => {
  const database = await openLlmDatabase(makeProfile(), scriptModel());
  const before = await database.use(computeChecksum);
  await run(database, ask(3));
  expect(await database.use(computeChecksum)).toEqual(before);
});

test('a database without the table, such as one that is not ours, keeps answers in memory', async () => {
  const model = scriptModel();
  const database = await openLlmDatabase(makeProfile(), model);
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
  const database = await openLlmDatabase(makeProfile(), model);
  await expect(run(database, ask(10))).rejects.toThrow('the model has died');
  const paid = new Set(model.prompts());
  broken = false;
  model.asked.length = 0;
  expect((await run(database, ask(10))).length).toBe(10);
  expect(model.prompts().filter((prompt) => paid.has(prompt))).toEqual(['p6']);
  expect(paid.size).toBeGreaterThan(1);
});

describe('a connection that cannot be lent once', () => {
  /** Lends the one of a database with the table, and fails while `broken` is said. */
  async function openLender() {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run(readFileSync(new URL('../../duckdb/migrations/000002.sql', import.meta.url), 'utf8'));
    const state = { broken: false };
    const use: Database['use'] = (body) =>
      state.broken ? Promise.reject(new ServiceError('no connection')) : body(connection);
    const kept = async () =>
      (await connection.runAndReadAll('select text from llm_cache order by 1')).getRowsJS().flat();
    return { lender: { use }, state, kept };
  }

  test('costs the answers that were to be written with it, which is said, and none that come later', async () => {
    const { lender, state, kept } = await openLender();
    const cache = new LlmCache(lender, 1e6);
    await cache.lookUp([]);
    const keep = (key: string) => {
      cache.keep({ ...{ key, value: key, model: 'm@1' }, ...{ promptTokens: 1, answerTokens: 1 } });
    };
    state.broken = true;
    keep('a');
    keep('b');
    await expect(cache.flush()).rejects.toThrow('no connection');
    state.broken = false;
    for (const key of ['c', 'd']) {
      keep(key);
      await cache.flush();
    }
    expect(await kept()).toEqual(['c', 'd']);
  });

  test('fails the statement that needed it, and the next one opens the cache', async () => {
    const { lender, state, kept } = await openLender();
    const answer = createResolve({ model: scriptModel(), embedding: null }, new LlmCache(lender, 1e6));
    const call: Call = { name: 'llm_generate', prompt: 'p', schema: null, options: null };
    const resolve = () => answer([call], new AbortController().signal, new SqlMeter());
    state.broken = true;
    await expect(resolve()).rejects.toThrow('no connection');
    state.broken = false;
    expect(await resolve()).toEqual(new Map([[call, '<p>']]));
    expect(await kept()).toEqual(['<p>']);
  });
});

describe('when the server has another model under its name', () => {
  const pairs = `select t, llm_embed(t) as v from (values ('one'), ('two')) r(t)`;

  /** A database on a server whose vectors begin with the first digit of the model's digest. */
  async function openPulled(script: Script = () => false) {
    const server = await startFakeOllama(async (asked, response) => {
      if (asked.path !== 'embed' || (await script(asked, response))) return false;
      const first = Number(server.digests.get('all-minilm')?.at(0));
      return reply(response, {
        embeddings: (asked.body['input'] as string[]).map(() => [first, 0, 0].slice(0, first)),
      });
    });
    const model = openOllama(settingsFor(server.url, { parallel: 1 }));
    const database = await openLlmDatabase(makeProfile(), model);
    const pull = (digit: string) => server.digests.set('all-minilm', digit.repeat(64));
    return { database, pull };
  }

  test('vectors of the two meet in no statement: one that asks ends, and the next has all of the new one', async () => {
    const { database, pull } = await openPulled();
    expect(await run(database, `select llm_embed('one') as v`)).toEqual([{ v: [2, 0] }]);
    pull('3');
    await expect(run(database, pairs)).rejects.toThrow(
      /^llm_embed: all-minilm@222222222222 has been replaced on its server meanwhile.* run the statement again$/,
    );
    expect(await query(database, 'select model, embedding from llm_cache')).toEqual([
      { model: 'all-minilm@222222222222', embedding: [2, 0] },
    ]);
    expect(await run(database, `select llm_embed('one') as v union all select llm_embed('two')`)).toEqual([
      { v: [3, 0, 0] },
      { v: [3, 0, 0] },
    ]);
    expect(await query(database, 'select distinct model from llm_cache where len(embedding) = 3')).toEqual([
      { model: 'all-minilm@333333333333' },
    ]);
  });

  test('what came before it was replaced is kept, what came after is not', async () => {
    const { database, pull } = await openPulled(({ body }) => {
      if ((body['input'] as string[]).includes('t40')) pull('3');
      return false;
    });
    await expect(run(database, `select llm_embed('t' || i) from range(70) r(i)`)).rejects.toThrow(/replaced/);
    const kept = await query(
      database,
      'select model, len(embedding)::integer as n, count(*)::integer as c from llm_cache group by all',
    );
    expect(kept).toEqual([{ model: 'all-minilm@222222222222', n: 2, c: 32 }]);
  });

  test('the question of docs/llm-in-sql.md compares with the vectors of the newer one alone', async () => {
    const page = readFileSync(new URL('../../docs/llm-in-sql.md', import.meta.url), 'utf8');
    const question = /"(select max\(list_cosine_similarity[^"]+)"/.exec(page)?.[1] ?? '';
    const database = await openLlmDatabase(makeProfile(), scriptModel());
    for (const sql of [
      `insert into raw_memory by name select unnest(['m1', 'm2']) as memory_id, 'words of ' || memory_id as content,
        'a' as agent, [] as tags, now() as created_at, now() as updated_at, 'h' as content_hash, now() as changed_at`,
      `insert into feature by name select memory_id, content_hash, 'note' as kind, 0 as importance, 0 as urgency, 0 as arousal,
        0 as valence, '' as gist, [] as dates, 'rules' as made_by, changed_at from raw_memory`,
      `insert into embedding by name select * exclude day, 0 as part, 'h' as content_hash, make_timestamp(2026, 1, day, 0, 0, 0) as changed_at
        from (values ('m1', 'old@1', [1.0, 0.0], 1), ('m2', 'old@1', [1.0, 0.0], 1), ('m1', 'new@1', [18.0, 0.5, -2.0], 2))
          r(memory_id, model, vector, day)`,
    ])
      await query(database, sql);
    expect(await run(database, question)).toEqual([{ likeness: expect.anything(), content: 'words of m1' }]);
  });
});
