import { describe, expect, test } from 'vitest';
import type { Database } from '../../duckdb/database.ts';
import { makeProfile } from '../support/database.ts';
import { openLlmDatabase, run } from '../support/llm-database.ts';
import { scriptModel, type ScriptedModel } from '../support/scripted-model.ts';

const SCHEMA = `'{"type": "object", "properties": {"n": {"type": "integer", "maximum": 9}}, "required": ["n"]}'`;

async function open(model = scriptModel()): Promise<{ model: ScriptedModel; database: Database }> {
  const database = await openLlmDatabase(makeProfile({ threads: 2 }), model);
  await run(database, `create table t as select i, case when i % 3 > 0 then 'p' || i % 2 end as p from range(6) r(i)`);
  return { model, database };
}

describe('llm_generate', () => {
  test('answers each row, asks each distinct prompt once, and gives NULL for NULL', async () => {
    const { model, database } = await open();
    const rows = await run(database, 'select i::integer as i, llm_generate(p) as a from t order by i');
    expect(rows.map(({ a }) => a)).toEqual([null, '<p1>', '<p0>', null, '<p0>', '<p1>']);
    expect(model.prompts()).toEqual(['p0', 'p1']);
  });

  test('asks with temperature and seed fixed, unless options say otherwise', async () => {
    const { model, database } = await open();
    await run(database, `select llm_generate('a'), llm_generate('b', {'temperature': 0.5, 'num_ctx': 512::bigint})`);
    await run(
      database,
      `select llm_generate('c', '{"seed": 7, "keep_alive": "5m"}'), llm_generate('d', map {'seed': 3})`,
    );
    expect(Object.fromEntries(model.asked.map(({ prompt, options }) => [prompt, options]))).toEqual({
      a: { temperature: 0, seed: 0 },
      b: { temperature: 0.5, seed: 0, num_ctx: 512 },
      c: { temperature: 0, seed: 7, keep_alive: '5m' },
      d: { temperature: 0, seed: 3 },
    });
  });

  test('takes options from a column', async () => {
    const { model, database } = await open();
    await run(database, `select llm_generate('same', {'seed': i}) from range(3) r(i)`);
    expect(model.asked.map(({ options }) => options.seed).sort()).toEqual([0, 1, 2]);
  });

  test.each(['llm_generate(NULL)', `llm_generate(NULL, {'seed': 1})`, `llm_generate('a', NULL)`, 'llm_embed(NULL)'])(
    '%s is NULL and asks nothing',
    async (call) => {
      const { model, database } = await open();
      expect(await run(database, `select ${call} as a`)).toEqual([{ a: null }]);
      expect([model.asked, model.batches]).toEqual([[], []]);
    },
  );
});

test('llm_generate_json gives JSON that fits its schema, which goes to the model', async () => {
  const { model, database } = await open(scriptModel(() => '{"n": 4}'));
  const sql = `with a as (select llm_generate_json('x', ${SCHEMA}) as j) select typeof(j) as type, (j->>'n')::integer as n from a`;
  expect(await run(database, sql)).toEqual([{ type: 'JSON', n: 4 }]);
  expect(JSON.parse(model.asked[0]?.schema ?? '')).toMatchObject({ required: ['n'] });
});

test('a schema may be a struct, and options follow it', async () => {
  const { model, database } = await open(scriptModel(() => '[1]'));
  await run(database, `select llm_generate_json('x', {'type': 'array', 'maxItems': 2}, {'seed': 5})`);
  await run(database, `select llm_generate_json('y', {'type': 'array', 'items': {'enum': array_value(1, 2)}})`);
  expect(model.asked).toMatchObject([
    { schema: '{"type":"array","maxItems":2}', options: { seed: 5 } },
    { schema: '{"type":"array","items":{"enum":[1,2]}}' },
  ]);
});

test('llm_embed gives the vector of each text as FLOAT[], asked for in batches', async () => {
  const { model, database } = await open();
  const sql = `select llm_embed('text ' || i) as v from range(70) r(i) order by i`;
  const rows = await run(database, sql);
  expect([rows[0], rows[69]]).toEqual([{ v: [6, 0.5, -2] }, { v: [7, 0.5, -2] }]);
  expect(model.batches.map((batch) => batch.length)).toEqual([32, 32, 6]);
  const close = `select array_cosine_similarity(llm_embed('a')::float[3], llm_embed('b')::float[3]) as c`;
  expect(await run(database, close)).toEqual([{ c: 1 }]);
});

describe('any statement may call them:', () => {
  test.each<[what: string, sql: string, then: string, rows: object[]]>([
    [
      'WHERE',
      `create table w as select i from t where llm_generate(p) = '<p1>'`,
      'select sum(i)::integer as s from w',
      [{ s: 6 }],
    ],
    [
      'CREATE TABLE AS',
      'create table c as select llm_generate(p) as a from t',
      'select count(a)::integer as n from c',
      [{ n: 4 }],
    ],
    ['INSERT', `insert into t select 9, llm_generate('new')`, 'select p from t where i = 9', [{ p: '<new>' }]],
    [
      'UPDATE',
      'update t set p = llm_generate(p)',
      'select distinct p from t order by p nulls first',
      [{ p: null }, { p: '<p0>' }, { p: '<p1>' }],
    ],
    ['DELETE', `delete from t where llm_generate(p) = '<p1>'`, 'select count(*)::integer as n from t', [{ n: 4 }]],
    [
      'MERGE',
      `merge into t using (select 1 as i, llm_generate('m') as a union all select 7, llm_generate('n')) s on t.i = s.i
       when matched then update set p = s.a when not matched then insert values (s.i, s.a)`,
      'select p from t where i in (1, 7) order by i',
      [{ p: '<m>' }, { p: '<n>' }],
    ],
    [
      'GROUP BY',
      'create table g as select llm_generate(p) as a, count(*) as n from t group by llm_generate(p)',
      `select n::integer as n from g where a = '<p0>'`,
      [{ n: 2 }],
    ],
    [
      'a join',
      'create table j as select u.i from t join t u on llm_generate(t.p) = llm_generate(u.p)',
      'select count(*)::integer as n from j',
      [{ n: 8 }],
    ],
    [
      'nesting',
      `create table n as select llm_generate('again ' || llm_generate(p)) as a from t`,
      `select count(*)::integer as n from n where a = '<again <p0>>'`,
      [{ n: 2 }],
    ],
    [
      'HAVING and ORDER BY',
      `create table h as select p from t group by p having llm_generate(p) <> '<p0>' order by llm_generate(p)`,
      'from h',
      [{ p: 'p1' }],
    ],
    [
      'QUALIFY',
      'create table q as from t qualify row_number() over (partition by llm_generate(p) order by i) = 1',
      'select i::integer as i from q order by i',
      [{ i: 0 }, { i: 1 }, { i: 2 }],
    ],
    [
      'a recursive CTE',
      `create table r as with recursive c(i, a) as (select 0, llm_generate('s') union all
         select i + 1, llm_generate(a) from c where i < 2) from c`,
      'select a from r order by i',
      [{ a: '<s>' }, { a: '<<s>>' }, { a: '<<<s>>>' }],
    ],
    [
      'a correlated subquery',
      'create table s as select (select max(llm_generate(u.p)) from t u where u.i = t.i) as a from t',
      `select count(*)::integer as n from s where a = '<p1>'`,
      [{ n: 2 }],
    ],
    [
      'a lambda',
      `create table l as select list_transform(['a', 'b'], lambda x: llm_generate(x)) as a`,
      'from l',
      [{ a: ['<a>', '<b>'] }],
    ],
    ['EXPLAIN ANALYZE', `explain analyze select llm_generate('x')`, 'select 1 as one', [{ one: 1 }]],
  ])('%s', async (_, sql, then, rows) => {
    const { database } = await open();
    await run(database, sql);
    expect(await run(database, then)).toEqual(rows);
  });

  test('through a view, a macro and a generated column, where its text does not show it', async () => {
    const { database } = await open();
    await run(database, `create view v as select llm_generate('in a view') as a`);
    await run(database, `create macro ask(x) as llm_generate('in a macro: ' || x)`);
    await run(database, `create table g (a varchar, b varchar generated always as (llm_generate(a)))`);
    await run(database, `insert into g (a) values ('generated')`);
    expect(await run(database, `select v.a, ask('y') as b, g.b as c from v, g`)).toEqual([
      { a: '<in a view>', b: '<in a macro: y>', c: '<generated>' },
    ]);
  });
});

describe('of calls that hang on the answers of others only those are asked whose prompts are real:', () => {
  test.each<[what: string, sql: string, prompts: string[]]>([
    [
      'concat',
      `select llm_generate(concat('of ', llm_generate(p))) from t where p <> ''`,
      ['of <p0>', 'of <p1>', 'p0', 'p1'],
    ],
    [
      'an aggregate of answers',
      `with a as (select llm_generate(p) as a from t) select llm_generate(concat_ws(' ', count(a), max(a))) from a`,
      ['4 <p1>', 'p0', 'p1'],
    ],
    ['coalesce', `select coalesce(llm_generate('a'), llm_generate('b'))`, ['a']],
    ['options', `select llm_generate('a', {'model': coalesce(llm_generate('which'), '')})`, ['a', 'which']],
    [
      'a field of a JSON answer',
      `select llm_generate(concat('to ', llm_generate_json('{"n": 4}', ${SCHEMA})->>'n'))`,
      ['to 4', '{"n": 4}'],
    ],
    [
      'a vector',
      `select llm_generate(concat('far ', list_cosine_similarity(llm_embed('x'), llm_embed('yy')) > 2))`,
      ['far false'],
    ],
    ['a cast that the other placeholder breaks', `select llm_generate('a') || llm_generate('1')::int`, ['1', 'a']],
  ])('%s', async (_, sql, prompts) => {
    const { model, database } = await open(
      scriptModel(({ prompt }) => (/^\{|^1$/.test(prompt) ? prompt : `<${prompt}>`)),
    );
    await run(database, sql);
    expect(model.prompts()).toEqual([...prompts].sort());
  });

  test('so a schema that no empty prompt could answer does not fail for it', async () => {
    const answer = (prompt: string) =>
      prompt === 'Rate: <p1>' || prompt === 'Rate: <p0>' ? '{"n": 4}' : `<${prompt}>`;
    const { database } = await open(scriptModel(({ prompt }) => answer(prompt)));
    const sql = `select distinct llm_generate_json(concat('Rate: ', llm_generate(p)), ${SCHEMA})->>'n' as n from t where p <> ''`;
    expect(await run(database, sql)).toEqual([{ n: '4' }]);
  });
});

test('many chunks, filtered, on several threads: every row gets its own answer', async () => {
  const { model, database } = await open();
  const sql = `select count(*)::integer as n, count(*) filter (a = '<q' || i % 300 || '>')::integer as right
    from (select i, llm_generate('q' || i % 300) as a from range(20000) r(i) where i % 7 <> 3)`;
  const [row] = await run(database, sql);
  expect(row).toMatchObject({ n: row?.['right'] });
  expect(model.asked.length).toBe(300);
});

test('a text that is more than ASCII, or holds a NUL, arrives and returns whole', async () => {
  const { model, database } = await open();
  const [row] = await run(database, `select llm_generate('a' || chr(0) || 'é😀') as a`);
  expect(row).toEqual({ a: '<a\0é😀>' });
  expect(model.prompts()).toEqual(['a\0é😀']);
  expect(await run(database, `select llm_generate('a' || chr(0) || 'é😀') as a`)).toEqual([row]);
  expect(model.asked.length).toBe(1);
});

test('without a model they exist, give NULL for NULL, and say what to configure', async () => {
  const database = await openLlmDatabase();
  expect(await run(database, 'select llm_generate(NULL) as a')).toEqual([{ a: null }]);
  await expect(run(database, `select llm_generate('x')`)).rejects.toThrow(/OLLAMA_URL, or pipeline\.llm\.url/);
});
