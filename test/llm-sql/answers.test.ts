import { describe, expect, test } from 'vitest';
import { openOllama } from '../../llm/ollama.ts';
import { settingsFor } from '../llm/model.contract.ts';
import { makeProfile, query } from '../support/database.ts';
import { openLlmDatabase, run } from '../support/llm-database.ts';
import { reply, startFakeOllama } from '../support/fake-ollama.ts';
import { scriptModel } from '../support/scripted-model.ts';

const number = '{"type": "object", "properties": {"n": {"type": "number"}}, "required": ["n"]}';

test('JSON in a fence, among words or after a thinking is taken at once, and its digits stay', async () => {
  const json = '{"n": 12345678901234567890.5}';
  const around = [`\`\`\`json\n${json}\n\`\`\``, `Sure! ${json}`, `<think>{"n": 1}?</think>${json}`, `\uFEFF${json}`];
  const model = scriptModel(({ prompt }) => around[Number(prompt)] ?? '');
  const database = await openLlmDatabase(makeProfile(), model);
  const rows = await run(
    database,
    `select llm_generate_json(i::varchar, '${number}')::varchar as a from range(4) r(i)`,
  );
  expect(rows).toEqual(Array(4).fill({ a: '{"n":12345678901234567890.5}' }));
  expect(model.asked).toHaveLength(4);
});

test('a thinking model without an answer ends the statement with advice, and no empty text is kept', async () => {
  const { url } = await startFakeOllama(
    ({ path }, response) => path === 'generate' && reply(response, { response: '', thinking: 'Blue.', done: true }),
  );
  const database = await openLlmDatabase(makeProfile(), openOllama(settingsFor(url)));
  await expect(run(database, `select llm_generate('x')`)).rejects.toThrow(
    /answered nothing: .* name a model that does/,
  );
  await expect(run(database, `select llm_generate_json('x', '${number}')`)).rejects.toThrow(/it is empty: .*thinking/);
  expect(await query(database, 'from llm_cache')).toEqual([]);
});

test('an empty answer that was kept by an earlier version is asked for again, once', async () => {
  const model = scriptModel();
  const database = await openLlmDatabase(makeProfile(), model);
  const sql = `select llm_generate('x') as a`;
  await run(database, sql);
  await query(database, `update llm_cache set text = e' \\n'`);
  for (let turn = 0; turn < 2; turn += 1) expect(await run(database, sql)).toEqual([{ a: '<x>' }]);
  expect(model.asked).toHaveLength(2);
});

describe('vectors of two lengths in one statement', () => {
  const open = async () => {
    const model = scriptModel();
    const lengths = (length: (text: string) => number) => {
      model.embed = (texts) => Promise.resolve(texts.map((text) => new Float32Array(length(text)).fill(1)));
    };
    return { lengths, database: await openLlmDatabase(makeProfile(), model) };
  };
  const refused = /^llm_embed: large@0123456789ab gave vectors of 2 and 4 numbers in one statement/;

  test('end it, whether they come together or one was kept before; the next one asks for all of them', async () => {
    const { lengths, database } = await open();
    const sql = `select len(llm_embed(t))::integer as n from (values ('a'), ('b')) r(t) order by t`;
    lengths((text) => (text === 'a' ? 2 : 4));
    await expect(run(database, sql)).rejects.toMatchObject({
      name: 'UnfitAnswer',
      message: expect.stringMatching(refused),
    });
    lengths(() => 4);
    expect(await run(database, sql)).toEqual([{ n: 4 }, { n: 4 }]);
    lengths(() => 2);
    await expect(run(database, `select llm_embed('a'), llm_embed('c')`)).rejects.toThrow(refused);
    expect(await run(database, sql)).toEqual([{ n: 2 }, { n: 2 }]);
  });

  test('end it also where the second is asked for after the first is known', async () => {
    const { lengths, database } = await open();
    lengths((text) => (text.startsWith('<') ? 4 : 2));
    await expect(run(database, `select llm_embed('a'), llm_embed(llm_generate('a'))`)).rejects.toThrow(refused);
  });
});
