import { expect, test } from 'vitest';
import { ModelUnavailable } from '../../llm/model-error.ts';
import type { EmbeddingModel } from '../../llm/model.ts';
import { Meaning } from '../../recall/meaning.ts';

/** A model that embeds every text alike, and keeps what it was asked. */
function openModel(identity: string | Error) {
  const asked: string[] = [];
  const model: EmbeddingModel = {
    ...{ runner: 'test', parallel: 1 },
    identify: () => (typeof identity === 'string' ? Promise.resolve(identity) : Promise.reject(identity)),
    embed: (texts) => {
      asked.push(...texts);
      return Promise.resolve(texts.map(() => Float32Array.of(3, 4)));
    },
  };
  const lines: string[] = [];
  const embed = new Meaning(model, (line) => lines.push(line)).questionsFor('m@1');
  return { asked, lines, embed };
}

test('a question has a vector of length 1', async () => {
  expect(await openModel('m@1').embed('where?')).toEqual(Float32Array.of(0.6, 0.8));
});

test.each([
  ['another model', 'n@2', /embedded by m@1, and n@2 answers/],
  ['a model out of reach', new ModelUnavailable('nobody answers'), /nobody answers/],
])('with %s words do the work, which is said once', async (_, identity, told) => {
  const { embed, lines, asked } = openModel(identity);
  expect([await embed('where?'), await embed('when?'), asked]).toEqual([null, null, []]);
  expect(lines).toEqual([expect.stringMatching(told)]);
});

test('an empty question is not asked, and of a huge one the beginning is enough', async () => {
  const { embed, asked } = openModel('m@1');
  expect(await embed('  ')).toBeNull();
  await embed('x'.repeat(100_000));
  expect(asked.map(({ length }) => length)).toEqual([1000]);
});

test('the same question is embedded once', async () => {
  const { embed, asked } = openModel('m@1');
  expect(await embed('where?')).toEqual(await embed('where?'));
  expect(asked).toEqual(['where?']);
});
