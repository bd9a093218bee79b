import { getEventListeners } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Database } from '../../duckdb/database.ts';
import { passesOf } from '../../llm-sql/passes.ts';
import { runStatement } from '../../llm-sql/statement.ts';
import type { Model } from '../../llm/model.ts';
import { fence } from '../../llm/fence.ts';
import { ContextTooLong, UnfitAnswer } from '../../llm/model-error.ts';
import { ConfigurationError, ServiceError } from '../../memory/errors.ts';
import { makeProfile, query } from '../support/database.ts';
import { openLlmDatabase, run } from '../support/llm-database.ts';
import { scriptModel } from '../support/scripted-model.ts';

const open = (model = scriptModel()) => openLlmDatabase(makeProfile({ threads: 2 }), model);

describe('a call that cannot be asked fails before the model is, naming function and fault:', () => {
  test.each<[call: string, message: RegExp]>([
    [`llm_generate('x', {'temprature': 1})`, /llm_generate .*temprature.*model, temperature, seed/s],
    [`llm_generate('x', {'temperature': 'hot'})`, /temperature .*expected number.*got \{"temperature":"hot"\}/s],
    [`llm_generate('x', {'timeout': -1})`, /timeout/],
    [`llm_generate('x', {'timeout': 300})`, /\(prompt of 1 character\): options: timeout must be at most 290 /],
    [`llm_generate('x', {'num_ctx': 0})`, /num_ctx/],
    [`llm_generate('x', '{"seed": ')`, /options: expected JSON, got \{"seed": /],
    [`llm_generate('x', '[]')`, /expected object/],
    [`llm_generate('x', 3)`, /expected object/],
    [`llm_generate_json('x', 'not json')`, /llm_generate_json .*schema: expected JSON, got not json/],
    [`llm_generate_json('x', '[1]')`, /schema: expected a JSON Schema .*got \[1\]/],
    [`llm_generate_json('x', '{"type": "strange"}')`, /schema: expected a JSON Schema/],
    [
      `llm_generate_json('x', '{"$ref": "http://example.com/schema.json"}')`,
      /schema: expected a JSON Schema.*example\.com/,
    ],
    ...[
      '{"$async": true, "type": "object", "required": ["a"]}',
      '{"$schema": "http://json-schema.org/draft-07/schema#", "$async": true}',
      '{"type": "object", "properties": {"const": {"$async": true}}}',
      '{"prefixItems": [{"$async": {}}]}',
      '{"$dynamicAnchor": "x", "items": {"$dynamicRef": "#x"}, "$defs": {"y": {"$dynamicAnchor": "x", "$async": "yes"}}}',
    ].map((schema): [string, RegExp] => [
      `llm_generate_json('x', '${schema}')`,
      /schema: expected a JSON Schema.*"\$async" is not supported: leave it out/,
    ]),
  ])('%s', async (call, message) => {
    const model = scriptModel();
    const failure = run(await open(model), `select ${call}`);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toBeInstanceOf(ConfigurationError);
    expect(model.asked).toEqual([]);
  });

  test('a struct with an untyped NULL in it ends the statement, not the process', async () => {
    const database = await open();
    await expect(run(database, `select llm_generate('x', {'seed': NULL})`)).rejects.toThrow(
      /llm_generate: options: expected a JSON text, or a struct .*leave out what is NULL/,
    );
    expect(await run(database, `select llm_generate('x') as a`)).toEqual([{ a: '<x>' }]);
  });
});

const number = '{"type": "object", "properties": {"n": {"type": "number", "maximum": 1}}, "required": ["n"]}';

describe('an answer that does not fit its schema', () => {
  /** The answers in their order, to whatever is asked. */
  const openWith = async (...answers: (string | Error)[]) => {
    const model = scriptModel(() => answers.shift() ?? '');
    return { model, database: await open(model) };
  };
  const sql = `select llm_generate_json('How many?', '${number}')::varchar as a`;

  test.each<[what: string, wrong: string | Error, shown: string, reason: string]>([
    ['breaks a bound that no grammar holds', '{"n": 7}', '{"n": 7}', '/n must be <= 1'],
    ['is half a JSON', '{"n": 0.', '{"n": 0.', 'it is not JSON (8 characters)'],
    ['is HTML', '<html>502</html>', '<html>502</html>', 'it is not JSON'],
    [
      'has half a character',
      '{"n": 0.5, "a": "\\ud83d"}',
      '{"n": 0.5, "a": "\\ud83d"}',
      'it has half of a surrogate pair',
    ],
    ['is nothing', '', '', 'it is not JSON (0 characters)'],
    ['was broken off', new UnfitAnswer('large broke off', '{"n": 00'), '{"n": 00', 'it was broken off'],
  ])('that %s is asked for once more, with the answer as data and the reason', async (_, wrong, shown, reason) => {
    const { model, database } = await openWith(wrong, '{"n": 1}');
    expect(await run(database, sql)).toEqual([{ a: '{"n":1}' }]);
    const [first, second] = model.asked;
    expect(second).toEqual({ ...first, prompt: expect.stringMatching(/^How many\?\n/) });
    expect(second?.prompt).toContain(`${fence(shown)}\nThe reason: ${reason}`);
    expect(await run(database, sql)).toEqual([{ a: '{"n":1}' }]);
    expect(model.asked).toHaveLength(2);
  });

  test('is not let in by a key that stands twice: what was checked is what is given', async () => {
    const { database } = await openWith('{"n": 99, "n": 0.5}');
    expect(await run(database, `select (${sql})::json ->> 'n' as n`)).toEqual([{ n: '0.5' }]);
  });

  test.each([
    ['in its own spelling', '{"n": 0, "__proto__": [1], "__proto__": [2]}', '{"n":0,"__proto__":[2]}'],
    ['in another one', '{"n": 99, "\\u006e": 1}', '{"n":1}'],
    ['deep down', '{"n": 0, "a": [{"b": 1, "b": 1.0}]}', '{"n":0,"a":[{"b":1.0}]}'],
  ])('is settled where a key stands twice %s', async (_, answer, given) => {
    const { database } = await openWith(answer);
    expect(await run(database, sql)).toEqual([{ a: given }]);
  });

  test('and any other keeps its numbers as they were written, of whatever length', async () => {
    const numbers =
      '{"n":-0.0,"order":9007199254740993,"big":12345678901234567890,"d":0.10000000000000000555,"e":[1E400]}';
    const { database } = await openWith(numbers.replaceAll(',', ' ,\n '));
    expect(await run(database, sql)).toEqual([{ a: numbers }]);
    expect(await run(database, `select (${sql})::json ->> 'order' as order`)).toEqual([{ order: '9007199254740993' }]);
  });

  test('costs the tokens of both, which the usage and the cache hold', async () => {
    const { model, database } = await openWith('{"n": 7}', '{"n": 1}');
    const usage = await database.use(async (connection) => {
      await runStatement(connection, 's', sql);
      return passesOf(connection)?.meter.used;
    });
    const prompts = model.asked.reduce((sum, { prompt }) => sum + prompt.length, 0);
    expect(usage).toMatchObject({ calls: 2, cached: 0, promptTokens: prompts, answerTokens: 16 });
    expect(await query(database, 'select prompt_tokens as p, answer_tokens as a from llm_cache')).toEqual([
      { p: prompts, a: 16 },
    ]);
  });

  test('and is very long is shown in part, and where even that does not fit, the first reason stands', async () => {
    const { model, database } = await openWith(`"${'long '.repeat(10_000)}"`, new ContextTooLong('too much'));
    await expect(run(database, sql)).rejects.toMatchObject({
      name: 'UnfitAnswer',
      message: expect.stringMatching(/it must be object \(too much\)/),
    });
    expect(model.asked[1]?.prompt.length).toBeLessThan(2_000);
  });

  test('twice costs the statement, not the answers to its other rows', async () => {
    const model = scriptModel(({ prompt }) => (prompt.startsWith('p3') ? '{"n": 7}' : '{"n": 1}'));
    const database = await open(model);
    const all = `select llm_generate_json('p' || i, '${number}') from range(5) r(i)`;
    await expect(run(database, all)).rejects.toThrow(/prompt of 2 characters.*neither at once nor .*\/n must be <= 1/);
    expect(model.asked.map(({ prompt }) => prompt.slice(0, 2))).toEqual(['p0', 'p1', 'p2', 'p3', 'p3']);
    model.asked.length = 0;
    await expect(run(database, all)).rejects.toThrow(/must be <= 1/);
    expect(model.asked.map(({ prompt }) => prompt.slice(0, 2))).toEqual(['p3', 'p3']);
  });
});

describe('a second answer that does not fit fails the statement, says where, quotes no text, and is not kept:', () => {
  test.each<[answer: string, schema: string, message: RegExp]>([
    ['{"n": 7}', number, /\/n must be <= 1/],
    ['{}', number, /it must have required property 'n'/],
    ['the secret of the memory', number, /it is not JSON \(24 characters\)/],
    ['{"n": 0.', number, /not JSON/],
    ['', number, /not JSON \(0 characters\)/],
    ['<html>502</html>', number, /not JSON/],
    ['"abc"', '{"type": "string", "pattern": "^[0-9]+$"}', /must match pattern/],
    ['1', '{"not": {}}', /must NOT be valid/],
    ['1', '{"$ref": "#"}', /the schema refers to itself without end/],
    [
      '[1, "x"]',
      '{"$schema": "http://json-schema.org/draft-07/schema#", "items": [{}, {"type": "number"}]}',
      /\/1 must be number/,
    ],
    ['"2026-02-30"', '{"type": "string", "format": "date"}', /must match format "date"/],
    ['"nobody"', '{"type": "string", "format": "email"}', /must match format "email"/],
    ['"25:00"', '{"$schema": "http://json-schema.org/draft-07/schema#", "format": "time"}', /must match format "time"/],
  ])('%s', async (answer, schema, message) => {
    const model = scriptModel(() => answer);
    const database = await open(model);
    const failure = run(database, `select llm_generate_json('private words', '${schema}')`);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.not.toThrow(/private words|secret/);
    expect(await query(database, 'from llm_cache')).toEqual([]);
    expect(model.asked).toHaveLength(2);
  });

  test('while a format that fits, or that nobody knows, is taken', async () => {
    const model = scriptModel(() => '"2026-02-28"');
    const database = await open(model);
    for (const format of ['date', 'ancient-date'])
      expect(await run(database, `select llm_generate_json('x', {'format': '${format}'})::varchar as a`)).toEqual([
        { a: '"2026-02-28"' },
      ]);
  });
});

test('a schema may speak of "$async" as a name or as data', async () => {
  const database = await open(scriptModel(() => '{"$async": true}'));
  const schema = '{"properties": {"$async": true}, "const": {"$async": true}, "$async": false}';
  expect(await run(database, `select llm_generate_json('x', '${schema}')::varchar as a`)).toEqual([
    { a: '{"$async":true}' },
  ]);
});

test('two schemas of one statement may have the same $id: each stands by itself', async () => {
  const database = await open(scriptModel(({ schema }) => (schema?.includes('number') ? '1' : '"one"')));
  const schemaOf = (type: string, rest: object) => JSON.stringify({ $id: 'http://a.example/s', type, ...rest });
  for (const rest of [
    {},
    { $schema: 'http://json-schema.org/draft-07/schema#' },
    { $id: 'http://a.example/outer', $defs: { inner: { $id: 'http://a.example/inner' } } },
  ]) {
    const sql = `select llm_generate_json('x', s)::varchar as a from (values ('${schemaOf('number', rest)}'), ('${schemaOf('string', rest)}')) t(s)`;
    expect(await run(database, sql)).toEqual([{ a: '1' }, { a: '"one"' }]);
  }
});

test('a prompt of a megabyte and an answer of ten arrive whole', async () => {
  const model = scriptModel(({ prompt }) => 'é'.repeat(prompt.length * 5));
  const database = await open(model);
  const sql = `select strlen(llm_generate(repeat('x', 1000000)))::integer as n`;
  expect(await run(database, sql)).toEqual([{ n: 10_000_000 }]);
  expect(await run(database, sql)).toEqual([{ n: 10_000_000 }]);
  expect(model.asked.map(({ prompt }) => prompt.length)).toEqual([1_000_000]);
});

test('half a surrogate pair in an answer becomes a replacement character, now and from the cache', async () => {
  const database = await open(scriptModel(() => 'a\uD800b'));
  const sql = `select llm_generate('x') as a`;
  expect(await run(database, sql)).toEqual([{ a: 'a\uFFFDb' }]);
  expect(await run(database, sql)).toEqual([{ a: 'a\uFFFDb' }]);
});

test("a model's error fails the statement as it is, at once, and nothing of the statement stays", async () => {
  class ModelDied extends ServiceError {}
  const died = new ModelDied('died');
  const model = scriptModel(({ prompt }) => {
    if (prompt === 'p3') throw died;
    return prompt;
  }, 2);
  const database = await open(model);
  await expect(run(database, `create table t as select llm_generate('p' || i) as a from range(200) r(i)`)).rejects.toBe(
    died,
  );
  expect(model.asked.length).toBeLessThan(10);
  await expect(query(database, 'from t')).rejects.toThrow(/does not exist/);
  expect(await run(database, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a model that cannot say which it is fails the statement', async () => {
  const model = scriptModel();
  model.identify = () => Promise.reject(new ServiceError('no such model'));
  await expect(run(await open(model), `select llm_generate('x')`)).rejects.toThrow('no such model');
});

test('fewer vectors than texts are refused', async () => {
  const model = scriptModel();
  model.embed = () => Promise.resolve([]);
  await expect(run(await open(model), `select llm_embed('x')`)).rejects.toThrow(
    'expected 1 vectors of large@0123456789ab, got 0',
  );
});

describe('an answer that was cut off', () => {
  /** Cuts each answer off, a JSON one so that it still fits. */
  const openCut = async () => {
    const model = scriptModel();
    model.generate = ({ schema }) => {
      const text = schema === undefined ? 'in the middle of' : '1';
      return Promise.resolve({ text, promptTokens: 1, answerTokens: 2048, cut: true });
    };
    return open(model);
  };
  const cutsOf = (database: Database, calls: string) =>
    database.use(async (connection) => {
      await runStatement(connection, 's', `select ${calls} from range(3) r(i)`);
      return [...(passesOf(connection)?.meter.cuts ?? [])];
    });

  test('is given, and counted by the tokens after which it ends', async () => {
    const database = await openCut();
    expect(await run(database, `select llm_generate('x') as a`)).toEqual([{ a: 'in the middle of' }]);
    expect(await cutsOf(database, `llm_generate('y' || i), llm_generate_json('z', {'type': 'number'})`)).toEqual([
      [2048, 4],
    ]);
  });

  test('where the call says how long it may be is what was asked for', async () => {
    const database = await openCut();
    expect(await cutsOf(database, `llm_generate('x', {'num_predict': 2048})`)).toEqual([]);
  });

  test('and did not fit its schema is counted only if what is given in its place was cut off too', async () => {
    const answers = [{ text: '[1, ', cut: true as const }, { text: '[1]' }];
    const model = scriptModel();
    model.generate = () => Promise.resolve({ text: '', ...answers.shift(), promptTokens: 1, answerTokens: 3 });
    expect(await cutsOf(await open(model), `llm_generate_json('x', {'type': 'array'})`)).toEqual([]);
  });
});

describe('a vector with a number that no FLOAT can hold', () => {
  const endless: Model['embed'] = (texts) =>
    Promise.resolve(texts.map((text) => Float32Array.of(1, text === 'x' ? 1e39 : 2)));
  const refused =
    /^llm_embed \(prompt of 1 character\): the vector of large@0123456789ab has a number that no FLOAT can hold/;

  test('fails the statement each time, and takes no other text along', async () => {
    const model = scriptModel();
    model.embed = endless;
    const database = await open(model);
    const sql = `select llm_embed(t) as v from (values ('w'), ('x'), ('y')) r(t)`;
    await expect(run(database, sql)).rejects.toThrow(refused);
    await expect(run(database, sql)).rejects.toThrow(refused);
    model.embed = () => Promise.reject(new ServiceError('asked again'));
    expect(await run(database, sql.replace(`('x'), `, ''))).toEqual([{ v: [1, 2] }, { v: [1, 2] }]);
  });

  test('that was kept before it was refused is asked for again', async () => {
    const model = scriptModel();
    const database = await open(model);
    const sql = `select llm_embed('abc') as v`;
    await run(database, sql);
    await query(database, `update llm_cache set embedding = [1, null]`);
    expect(await run(database, sql)).toEqual([{ v: [3, 0.5, -2] }]);
  });
});

describe('cancelling', () => {
  test.each<[what: string, listens: boolean]>([
    ['ends the calls under way', true],
    ['does not wait for a model that does not listen', false],
  ])('%s, gives the reason and keeps what was answered', async (_, listens) => {
    const controller = new AbortController();
    let heard = false;
    const model = scriptModel(({ prompt }, signal) => {
      if (prompt === 'p0') return 'first';
      setImmediate(() => controller.abort(new Error('cancelled')));
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          heard = true;
          if (listens) reject(signal.reason as Error);
        });
      });
    });
    const database = await open(model);
    const sql = `create table t as select llm_generate('p' || i) from range(50) r(i)`;
    await expect(run(database, sql, controller.signal)).rejects.toThrow('cancelled');
    expect(heard).toBe(true);
    expect(await query(database, 'select text from llm_cache')).toEqual([{ text: 'first' }]);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('ends the wait for a server that does not say which models it has', async () => {
    const controller = new AbortController();
    const model = scriptModel();
    model.identify = () => {
      setImmediate(() => controller.abort(new Error('cancelled')));
      return new Promise(() => undefined);
    };
    const database = await open(model);
    await expect(run(database, `select llm_generate('x')`, controller.signal)).rejects.toThrow('cancelled');
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('before the statement asks, nothing is asked', async () => {
    const model = scriptModel();
    const database = await open(model);
    await expect(run(database, `select llm_generate('x')`, AbortSignal.abort(new Error('too late')))).rejects.toThrow(
      'too late',
    );
    expect(model.asked).toEqual([]);
  });

  test('an interrupted statement is not run again', async () => {
    const model = scriptModel();
    const database = await open(model);
    await database.use(async (connection) => {
      const endless = `select count(llm_generate('x' || (a.i % 3))) from range(100000000) a(i), range(1000) b(i)`;
      const running = runStatement(connection, 's', endless);
      await setTimeout(200);
      connection.interrupt();
      await expect(running).rejects.toThrow(/INTERRUPT/);
    });
    expect(model.asked).toEqual([]);
  });
});
