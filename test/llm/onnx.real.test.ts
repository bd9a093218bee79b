import { chmod, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OnnxFound } from '../../downloads/onnx.ts';
import { openOnnx } from '../../llm/onnx.ts';
import { copyModel, findRealOnnx } from '../support/onnx.ts';
import { passOver } from '../support/requirements.ts';
import { readSample } from '../support/sample.ts';

const found = await findRealOnnx();
if ('reason' in found) passOver('onnx', found.reason);

const signal = new AbortController().signal;
const open = (more: Partial<OnnxFound> = {}, threads?: number) =>
  openOnnx(() => Promise.resolve({ ...(found as OnnxFound), ...more }), threads);
const bits = (vector: Float32Array | undefined) => [...(vector ?? [])].join(' ');
const cosine = (a: Float32Array | undefined, b: Float32Array | undefined) =>
  [...(a ?? [])].reduce((sum, value, index) => sum + value * (b?.[index] ?? 0), 0);

describe.skipIf('reason' in found)('the model in this process', () => {
  test('is known by its name and the first twelve digits of its file', async () => {
    expect(await open().identify('embed')).toBe('onnx-all-MiniLM-L6-v2@afdb6f1a0e45');
  });

  test('finds what means the same in other words', async () => {
    const [cat, kitten, stocks] = await open().embed(
      ['I adopted a cat', 'My kitten sleeps', 'The stock market fell'],
      signal,
    );
    expect(cosine(cat, kitten)).toBeCloseTo(0.48, 1);
    expect(cosine(cat, stocks)).toBeCloseTo(0.04, 1);
  });

  test('gives a text the same bits, of length 1, alone and among others, with one thread and with two', async () => {
    const [one, two] = [open(), open({}, 2)];
    const contents = (await readSample()).map(({ content }) => content);
    const text = fc.oneof(fc.constantFrom(...contents), fc.string({ unit: 'grapheme' }), fc.lorem({ maxCount: 60 }));
    await fc.assert(
      fc.asyncProperty(text, fc.array(text, { maxLength: 4 }), async (each, others) => {
        const [alone] = await one.embed([each], signal);
        const among = (await two.embed([...others, each], signal)).at(-1);
        expect(bits(among)).toBe(bits(alone));
        expect(Math.hypot(...(alone ?? []))).toBeCloseTo(1, 6);
      }),
      { numRuns: 40 },
    );
  });

  test.each([
    ['nothing', ''],
    ['blanks', ' \n\t'],
    ['emoji', '😀🎉👩‍👩‍👧'],
    ['a NUL', 'a\0b'],
    ['half a character', 'a\ud800b'],
    ['a word of 100 KB', 'a'.repeat(100_000)],
    ['other scripts', 'память 記憶 ذاكرة'],
  ])('embeds %s', async (_, text) => {
    const [vector] = await open().embed([text], signal);
    expect(vector).toHaveLength(384);
    expect(vector?.every(Number.isFinite)).toBe(true);
  });

  test('cuts nothing off a text of 100 KB: its end counts', async () => {
    const long = 'The report lists numbers. '.repeat(4_000);
    const [without, withEnd] = await open().embed([long, `${long}Our cat had kittens.`], signal);
    expect(bits(withEnd)).not.toBe(bits(without));
    expect(cosine(without, withEnd)).toBeGreaterThan(0.99);
  });

  test('stays within a second of its last beat while it embeds a long text, and ends when it is cancelled', async () => {
    const model = open();
    const long = 'The report lists numbers. '.repeat(2_000);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    await model.identify('embed');
    delay.enable();
    await model.embed([long], signal);
    expect(delay.max / 1e6).toBeLessThan(1_000);
    const controller = new AbortController();
    setTimeout(() => {
      controller.abort(new Error('cancelled'));
    }, 20);
    await expect(model.embed([long.repeat(20)], controller.signal)).rejects.toThrow('cancelled');
  });

  const damages: [string, (folder: string) => Promise<void>, RegExp][] = [
    ['a model that was cut off', (folder) => truncate(join(folder, 'model.onnx'), 1_000_000), /protobuf|parsing/i],
    ['no model', (folder) => rm(join(folder, 'model.onnx')), /ENOENT.*model\.onnx/],
    ['no tokenizer', (folder) => rm(join(folder, 'tokenizer.json')), /ENOENT.*tokenizer\.json/],
    [
      'a tokenizer that is none',
      (folder) => writeFile(join(folder, 'tokenizer.json'), '{}'),
      /is no tokenizer of Hugging Face/,
    ],
    ['a tokenizer that is no JSON', (folder) => writeFile(join(folder, 'tokenizer.json'), 'x'), /JSON/],
    [
      'a tokenizer of another model',
      growTokenizer,
      /tokenizer\.json does not fit model\.onnx, which fails on its token 99999/,
    ],
  ];
  test.each(damages)('says what is wrong with a folder that has %s', async (_, damage, reason) => {
    const folder = await copyModel((found as OnnxFound).folder);
    await chmod(folder, 0o755);
    await damage(folder);
    const opened = open({ name: 'mine', folder });
    await expect(opened.identify('embed')).rejects.toMatchObject({
      name: 'ModelUnavailable',
      message: expect.stringMatching(/^mine does not run in this process: .*\. The next start tries again$/),
    });
    await expect(opened.embed(['x'], signal)).rejects.toThrow(reason);
  });
});

async function growTokenizer(folder: string): Promise<void> {
  const file = join(folder, 'tokenizer.json');
  const tokenizer = JSON.parse(await readFile(file, 'utf8')) as { model: { vocab: Record<string, number> } };
  tokenizer.model.vocab['##unheard'] = 99_999;
  await writeFile(file, JSON.stringify(tokenizer));
}
