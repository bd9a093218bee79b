import { describe, expect, test } from 'vitest';
import { openOllama } from '../../llm/ollama.ts';
import type { Model } from '../../llm/model.ts';
import type { LlmSettings } from '../../profiles/pipeline.ts';
import { EMBEDDING, GENERATING } from '../support/ollama.ts';

/** Settings for a server that has the two test models. */
export const settingsFor = (url: string, more: Partial<LlmSettings> = {}): LlmSettings => ({
  ...{ url, generate: GENERATING, extract: GENERATING, embed: EMBEDDING, parallel: 4, timeout: 60, num_ctx: 4096 },
  ...{ budget: { calls: 1000, tokens: 4_000_000, seconds: 3600 }, cache: 1e6 },
  ...more,
});

const signal = new AbortController().signal;
const schema = {
  type: 'object',
  properties: { importance: { type: 'number', minimum: 0, maximum: 1 }, kind: { enum: ['goal', 'note'] } },
  required: ['importance', 'kind'],
  additionalProperties: false,
};

const cosine = (a: Float32Array | undefined, b: Float32Array | undefined) =>
  [...(a ?? [])].reduce((sum, value, index) => sum + value * (b?.[index] ?? 0), 0);

/** What every model that answers through Ollama's protocol does, no matter what speaks it. */
export function describeModel(name: string, url: () => string): void {
  const open = (more: Partial<LlmSettings> = {}): Model => openOllama(settingsFor(url(), more));

  describe(`a model at ${name}`, () => {
    test('is known by its name and the first twelve digits of its digest', async () => {
      const model = open();
      expect(await model.identify('generate')).toMatch(new RegExp(`^${GENERATING}@[0-9a-f]{12}$`));
      expect(await model.identify('embed')).toMatch(new RegExp(`^${EMBEDDING}@[0-9a-f]{12}$`));
      expect(await model.identify('generate', EMBEDDING)).toBe(await model.identify('embed'));
    });

    test('answers a prompt and counts the tokens of both sides', async () => {
      const request = { prompt: 'hello world', options: { seed: 1, temperature: 0, num_predict: 8 } };
      const { text, promptTokens, answerTokens } = await open().generate(request, signal);
      expect(text).not.toBe('');
      expect(promptTokens).toBe(11);
      expect(answerTokens).toBeGreaterThan(0);
      expect(answerTokens).toBeLessThanOrEqual(8);
    });

    test('answers the same prompt alike with the same seed', async () => {
      const ask = () => open().generate({ prompt: 'once', options: { seed: 7, num_predict: 8 } }, signal);
      expect((await ask()).text).toBe((await ask()).text);
    });

    test('answers in the shape of a schema, and nothing holds the numbers to its bounds', async () => {
      const request = { prompt: 'x', schema: JSON.stringify(schema), options: { seed: 2, temperature: 1 } };
      const answer = JSON.parse((await open().generate(request, signal)).text) as Record<string, unknown>;
      expect(Object.keys(answer)).toEqual(['importance', 'kind']);
      expect(answer['importance']).toBeTypeOf('number');
      expect(['goal', 'note']).toContain(answer['kind']);
    });

    test('is not harmed by a schema whose pattern no grammar can hold', async () => {
      const odd = {
        type: 'object',
        properties: { code: { type: 'string', maxLength: 5, pattern: '^(?=a)b$' } },
        required: ['code'],
      };
      const request = { prompt: 'x', schema: JSON.stringify(odd), options: { seed: 3 } };
      expect(JSON.parse((await open().generate(request, signal)).text)).toHaveProperty('code');
      expect(await open().identify('generate')).toContain(GENERATING);
    });

    test.each([
      ['not JSON', '{"type": "object"', /^expected a JSON Schema, which is a JSON object, got \{"type": "object"$/],
      ['no object', '["string"]', /expected a JSON Schema/],
      ['unknown to the server', '{"type": "nothing"}', /HTTP 500: invalid JSON schema in format/],
    ])('refuses a schema that is %s', async (_, text, message) => {
      const asked = open().generate({ prompt: 'x', schema: text, options: {} }, signal);
      await expect(asked).rejects.toMatchObject({ name: 'ModelRefused', message: expect.stringMatching(message) });
    });

    test('reads a text on both sides of a NUL', async () => {
      const request = { prompt: 'hello\0world', options: { num_predict: 2, seed: 1 } };
      expect((await open().generate(request, signal)).promptTokens).toBe(11);
      const [split, whole] = await open().embed(['I adopted\0 a cat', 'I adopted a cat'], signal);
      expect(cosine(split, whole)).toBeCloseTo(1, 2);
    });

    test('says which model is missing and how to get it', async () => {
      const message = `Ollama at ${url()} has no model nope: run "ollama pull nope", or name another one`;
      const wanted = { name: 'ModelNotFound', message };
      await expect(open().generate({ prompt: 'x', options: { model: 'nope' } }, signal)).rejects.toMatchObject(wanted);
      await expect(open({ embed: 'nope' }).embed(['x'], signal)).rejects.toMatchObject(wanted);
      await expect(open({ generate: 'nope' }).identify('generate')).rejects.toMatchObject(wanted);
    });

    test('never answers to a part of a prompt: what does not fit is refused', async () => {
      const model = open();
      // Enough for more than blanks, which are no answer.
      const sampling = { num_predict: 16, seed: 1, temperature: 0 };
      const ask = (words: number, options = {}) =>
        model.generate({ prompt: 'hello '.repeat(words), options: { ...sampling, ...options } }, signal);
      await expect(ask(5_000)).rejects.toMatchObject({
        name: 'ContextTooLong',
        message: expect.stringMatching(/^30000 bytes of prompt do not fit tiny-random at .*, which sees 4096 tokens/),
      });
      // Only the count that comes back shows that the server cut this one.
      await expect(ask(100, { num_ctx: 512 })).rejects.toMatchObject({
        name: 'ContextTooLong',
        message: expect.stringContaining('512 tokens of prompt'),
      });
      expect((await ask(50, { num_ctx: 512 })).promptTokens).toBe(300);
    });

    test('embeds texts in their order, near ones near each other', async () => {
      const texts = ['I adopted a cat', 'I adopted a cat, today', 'Stock markets fell'];
      const [cat, again, stock] = await open().embed(texts, signal);
      expect(cosine(cat, again)).toBeGreaterThan(cosine(cat, stock) + 0.1);
      expect(Math.hypot(...(cat ?? []))).toBeCloseTo(1, 3);
      expect(await open().embed([], signal)).toEqual([]);
    });

    test('embeds a text that is longer than the context in parts, and the others as if it were not there', async () => {
      const long = `${'cat '.repeat(700)}${'market '.repeat(50)}`;
      const [alone] = await open().embed(['dog'], signal);
      const [whole, dog] = await open().embed([long, 'dog'], signal);
      const [cats] = await open().embed(['cat '.repeat(100)], signal);
      expect(cosine(dog, alone)).toBeCloseTo(1, 3);
      expect(Math.hypot(...(whole ?? []))).toBeCloseTo(1, 3);
      expect(cosine(whole, cats)).toBeGreaterThan(0.5);
    });
  });
}
