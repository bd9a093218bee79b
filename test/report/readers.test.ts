import { expect, test } from 'vitest';
import { describeEmbedders, describeReaders } from '../../report/dream.ts';

const ollama = { url: 'http://127.0.0.1:11434', version: '0.6.5' };

test('a report says who read the text by what was kept, not by what was there', () => {
  const byRules = [{ madeBy: 'rules#1', texts: 20 }];
  expect(describeReaders(byRules, null, [])).toBe('Rules read the text (no Ollama was found).');
  expect(describeReaders(byRules, ollama, [])).toBe('Rules read the text, no model did.');
});

test('it counts what each model read, over all tasks, and what rules read beside it', () => {
  const readers = [
    { madeBy: 'ollama:small@0123456789ab#features.1', texts: 380 },
    { madeBy: 'ollama:small@0123456789ab#episode.1', texts: 20 },
    { madeBy: 'rules#1', texts: 15 },
    { madeBy: 'ollama:large:7b@ba9876543210#gist.1', texts: 4 },
  ];
  expect(describeReaders(readers, ollama, [])).toBe(
    'small@0123456789ab read 400 texts, large:7b@ba9876543210 read 4 texts, rules read 15.',
  );
});

test('a model that was asked without an answer is not passed over', () => {
  const nights = [
    { modelCalls: 3, modelUnfit: 40 },
    { modelCalls: 1, modelUnfit: 2 },
  ];
  expect(describeReaders([{ madeBy: 'rules#1', texts: 20 }], ollama, nights)).toBe(
    'Rules read the text, no model did: of 4 calls no answer could be used.',
  );
  const readers = [
    { madeBy: 'ollama:small@0123456789ab#features.1', texts: 9 },
    { madeBy: 'rules#1', texts: 2 },
  ];
  expect(describeReaders(readers, ollama, nights)).toBe(
    'small@0123456789ab read 9 texts, rules read 2 (42 times no answer about a text could be used).',
  );
});

test.each([
  [[], 'No memory was embedded.'],
  [[{ model: 'all-minilm@1', memories: 419 }], 'all-minilm@1 embedded 419 memories.'],
  [
    [
      { model: 'new@2', memories: 300 },
      { model: 'old@1', memories: 119 },
    ],
    'new@2 embedded 300 memories, old@1 embedded 119 memories.',
  ],
])('who embedded is told by what is kept: %j', (embedders, told) => {
  expect(describeEmbedders(embedders)).toBe(told);
});
