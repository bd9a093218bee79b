import { expect, test } from 'vitest';
import { openEmbeddingModel } from '../../llm/embedding-model.ts';
import { scriptModel } from '../support/scripted-model.ts';

const ollama = scriptModel();

test.each([
  ['none, with an Ollama', null, ollama],
  ["one of Ollama's, without an Ollama", 'all-minilm', null],
])('where a profile names %s, nobody embeds', (_, embed, model) => {
  expect(openEmbeddingModel({ embed }, model, () => Promise.reject(new Error('looked for')))).toBeNull();
});

test("a plain name is a model of Ollama's", () => {
  expect(openEmbeddingModel({ embed: 'all-minilm' }, ollama, () => Promise.reject(new Error('looked for')))).toBe(
    ollama,
  );
});

test.each([
  ['beside an Ollama', ollama],
  ['without one', null],
])('a model of this process is looked for when it is first asked, and once, %s', async (_, model) => {
  const looked: string[] = [];
  const embedding = openEmbeddingModel({ embed: 'onnx:/models/mine' }, model, (name) => {
    looked.push(name);
    return Promise.reject(new Error('no such folder'));
  });
  expect(looked).toEqual([]);
  const failure = {
    name: 'ModelUnavailable',
    message: 'The embedding model does not run in this process: no such folder. The next start tries again',
  };
  await expect(embedding?.identify('embed')).rejects.toMatchObject(failure);
  await expect(embedding?.embed(['x'], new AbortController().signal)).rejects.toMatchObject(failure);
  expect(looked).toEqual(['/models/mine']);
});
