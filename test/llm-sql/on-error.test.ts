import { describe, expect, test } from 'vitest';
import { passesOf } from '../../llm-sql/passes.ts';
import { runStatement } from '../../llm-sql/statement.ts';
import { ContextTooLong, ModelRefused, ModelUnavailable, UnfitAnswer } from '../../llm/model-error.ts';
import { makeProfile, query } from '../support/database.ts';
import { openLlmDatabase, run } from '../support/llm-database.ts';
import { scriptModel, type Line } from '../support/scripted-model.ts';

const number = '{"type": "object", "properties": {"n": {"type": "integer", "maximum": 9}}, "required": ["n"]}';
const open = async (line: Line, parallel = 2) => {
  const model = scriptModel(line, parallel);
  return { model, database: await openLlmDatabase(makeProfile({ threads: 2 }), model) };
};
/** Answers well, but about 7. */
const badly =
  (bad: string | Error): Line =>
  ({ prompt }) =>
    /^p7\b/.test(prompt) ? bad : '{"n": 1}';
const rated = (count: number, options = `, {'on_error': 'null'}`) =>
  `select i::integer as i, (llm_generate_json('p' || i, '${number}'${options})->>'n')::integer as n from range(${String(count)}) r(i) order by i`;

describe("with on_error 'null' a call comes to NULL", () => {
  test('where its answer does not fit, also after its repair; that is counted, and no other row is lost', async () => {
    const { model, database } = await open(badly('{"n": 99}'), 16);
    const meter = await database.use(async (connection) => {
      const rows = (await runStatement(connection, 's', rated(2000))).getRowObjectsJS();
      expect(rows.filter(({ n }) => n === null)).toEqual([{ i: 7, n: null }]);
      expect(rows).toHaveLength(2000);
      return passesOf(connection)?.meter;
    });
    expect(model.asked).toHaveLength(2001);
    expect(meter?.nullable).toBe(2000);
    expect([...(meter?.nulls ?? [])]).toEqual([
      [
        'unfit',
        {
          answers: 1,
          first: expect.stringMatching(/^llm_generate_json \(prompt of 2 characters\).*\/n must be <= 9/) as string,
        },
      ],
    ]);
  });

  test.each<[what: string, why: string, bad: string | Error]>([
    ['is no JSON', 'unfit', 'no'],
    ['is broken off', 'unfit', new UnfitAnswer('broke off')],
    ['has a prompt that is too long', 'too long', new ContextTooLong('too long')],
    ['has a prompt that the server refuses', 'refused', new ModelRefused('HTTP 400', { ofPrompt: true })],
  ])('where it %s', async (_, why, bad) => {
    const { database } = await open(badly(bad));
    await database.use(async (connection) => {
      const rows = (await runStatement(connection, 's', rated(9))).getRowObjectsJS();
      expect(rows.map(({ n }) => n)).toEqual([1, 1, 1, 1, 1, 1, 1, null, 1]);
      expect([...(passesOf(connection)?.meter.nulls.keys() ?? [])]).toEqual([why]);
    });
    await expect(run(database, rated(9, ''))).rejects.toThrow();
  });

  test('of llm_generate as well, where the answer is empty', async () => {
    const { database } = await open(({ prompt }) => (prompt === 'b' ? new UnfitAnswer('answered nothing') : 'yes'));
    const sql = `select llm_generate(p, {'on_error': 'null'}) as a from (values ('a'), ('b')) t(p) order by p`;
    expect(await run(database, sql)).toEqual([{ a: 'yes' }, { a: null }]);
  });
});

test.each([
  ['that is away', new ModelUnavailable('Ollama does not answer')],
  ['that refuses whatever it is asked', new ModelRefused('the certificate is not trusted')],
])('a server %s fails the statement all the same', async (_, error) => {
  const { database } = await open(badly(error));
  await expect(run(database, rated(9))).rejects.toBe(error);
});

test('a good answer is the same whatever on_error says, so switching it asks nothing; NULL is not kept', async () => {
  const { model, database } = await open(badly('{"n": 99}'));
  await run(database, rated(9));
  expect(model.asked).toHaveLength(10);
  expect(await query(database, 'select count(*)::integer as n from llm_cache')).toEqual([{ n: 8 }]);
  await expect(run(database, rated(9, ''))).rejects.toThrow(/does not fit the schema/);
  await run(database, rated(7, `, {'on_error': 'fail'}`));
  expect(model.asked.map(({ prompt }) => prompt.slice(0, 2)).slice(10)).toEqual(['p7', 'p7']);
  expect(model.asked[0]?.options).toEqual({ temperature: 0, seed: 0 });
});

test('of two calls that ask the same, the one that is to fail does', async () => {
  const { database } = await open(badly('no'));
  const call = (options: string) => `llm_generate_json('p7', '${number}', ${options})`;
  for (const [first, second] of [
    ['null', 'fail'],
    ['fail', 'null'],
  ])
    await expect(
      run(database, `select ${call(`{'on_error': '${String(first)}'}`)}, ${call(`{'on_error': '${String(second)}'}`)}`),
    ).rejects.toThrow(/does not fit the schema/);
});

test('NULL goes on as any NULL does: into another call it asks nothing', async () => {
  const { model, database } = await open(({ prompt }) => (prompt === 'bad' ? new UnfitAnswer('empty') : `<${prompt}>`));
  const inner = `llm_generate(p, {'on_error': 'null'})`;
  const sql = `select llm_generate('of ' || ${inner}) as a from (values ('bad'), ('good')) t(p) order by p`;
  expect(await run(database, sql)).toEqual([{ a: null }, { a: '<of <good>>' }]);
  expect(model.prompts()).toEqual(['bad', 'good', 'of <good>']);
});

test.each([`{'on_error': 'skip'}`, `{'on_error': 'NULL'}`, `'{"on_error": null}'`])(
  '%s is refused by name before anything is asked',
  async (options) => {
    const { model, database } = await open(() => 'x');
    await expect(run(database, `select llm_generate('x', ${options})`)).rejects.toThrow(
      /llm_generate .*options: on_error Invalid option: expected one of "fail"\|"null"/,
    );
    expect(model.asked).toEqual([]);
  },
);
