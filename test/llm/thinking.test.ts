import { describe, expect, test } from 'vitest';
import { featuresTask } from '../../activities/working-memory.features.prompt.ts';
import { Meter } from '../../llm/meter.ts';
import { openOllama } from '../../llm/ollama.ts';
import { createReader } from '../../llm/reader.ts';
import { answerByRules } from '../../llm/rules.ts';
import { reply, startFakeOllama } from '../support/fake-ollama.ts';
import { plain, signal } from '../support/scripted-reader.ts';
import { settingsFor } from './model.contract.ts';

/** A model whose server answers every prompt with this. */
async function open(answer: object) {
  const server = await startFakeOllama(
    ({ path }, response) => path === 'generate' && reply(response, { done: true, done_reason: 'stop', ...answer }),
  );
  const model = openOllama(settingsFor(server.url));
  const generate = (prompt = 'x') => model.generate({ prompt, options: {} }, signal);
  const asked = () => server.asked.filter(({ path }) => path === 'generate');
  return { server, model, generate, asked };
}

describe('an answer is given without the thinking before it,', () => {
  test.each([
    ['marked at its beginning', '<think>\nHm.\n</think>\n\nBlue.', 'Blue.'],
    ['of which nothing came', '<think>\n\n</think>\n\nBlue.', 'Blue.'],
    ['in the marks of another model', '[THINK]Hm.[/THINK]Blue.', 'Blue.'],
    ['which the prompt began', 'Hm.\n</think>\n\nBlue.', 'Blue.'],
  ])('%s', async (_, response, text) => {
    expect(await (await open({ response })).generate()).toMatchObject({ text });
  });

  test.each([
    ['that speaks of the marks', 'Wrap it in <think> and </think>\nand go on.'],
    ['in which they stand as code', '`</think>` ends it.'],
    ['of blanks and words', '  Blue.\n'],
  ])('and one %s is left as it is', async (_, response) => {
    expect(await (await open({ response })).generate()).toMatchObject({ text: response });
  });
});

describe('an answer of nothing is an error that says what helps:', () => {
  test.each([
    [
      'all of it is thinking',
      { response: '', thinking: 'Blue, I think.' },
      /^tiny-random at http.* answered nothing: all that it said is in its thinking.*name a model that does not think first/,
    ],
    [
      'it was cut off while it was thinking',
      { response: '', thinking: 'Let me', done_reason: 'length', eval_count: 64 },
      /num_predict ended it after 64 tokens, while it was thinking; give it a larger num_predict, or name a model/,
    ],
    [
      'the same of an older server, which leaves the thinking in',
      { response: '<think>Let me', done_reason: 'length', eval_count: 64 },
      /after 64 tokens, while it was thinking; give it a larger num_predict/,
    ],
    ['it is blank', { response: ' \n\t' }, /nothing but blanks came; say in the prompt what is wanted/],
  ])('%s', async (_, answer, message) => {
    const { generate, model } = await open(answer);
    await expect(generate()).rejects.toMatchObject({ name: 'UnfitAnswer', message: expect.stringMatching(message) });
    const lines: string[] = [];
    const meter = new Meter();
    const reader = createReader(model, (line) => void lines.push(line));
    expect(await reader.answerMany(featuresTask, [plain], signal, meter)).toEqual([
      { ...answerByRules(featuresTask, plain), unfit: true },
    ]);
    expect(meter.used).toMatchObject({ calls: 2, failed: 0 });
    expect(lines[0]).toMatch(message);
    expect(lines[0]).toMatch(/\. Falling back to rules\.$/);
  });

  test('but to an empty prompt there is nothing to answer', async () => {
    expect(await (await open({ response: '', done_reason: 'load' })).generate('')).toMatchObject({ text: '' });
  });
});

test('a model that is refused for being asked not to think is asked again without that, and from then on', async () => {
  const server = await startFakeOllama(({ path, body }, response) => {
    if (path !== 'generate') return false;
    return 'think' in body
      ? reply(response, { error: '"tiny-random" does not support thinking' }, 400)
      : reply(response, { response: 'Blue.', done: true });
  });
  const model = openOllama(settingsFor(server.url));
  for (const prompt of ['x', 'y'])
    expect(await model.generate({ prompt, options: {} }, signal)).toMatchObject({ text: 'Blue.' });
  expect(server.asked.filter(({ path }) => path === 'generate').map(({ body }) => body['think'])).toEqual([
    false,
    undefined,
    undefined,
  ]);
});
