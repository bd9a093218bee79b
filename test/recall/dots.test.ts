import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import wabt from 'wabt';
import { dotAll, dotNeighbours, strideOf } from '../../recall/dots.ts';

const SOURCE = new URL('../../recall/dots.wat', import.meta.url);

/** Vectors of one stride, more than are copied to the kernel at once. */
const packed = fc
  .record({ stride: fc.constantFrom(16, 48, 384), count: fc.integer({ min: 0, max: 1_300 }), seed: fc.nat() })
  .map(({ stride, count, seed }) => ({
    stride,
    count,
    numbers: Int8Array.from({ length: stride * count }, (_, at) => (Math.imul(at + seed, 2_654_435_761) >> 24) | 0),
  }));

function dot(numbers: Int8Array, stride: number, a: number, b: number): number {
  let sum = 0;
  for (let at = 0; at < stride; at += 1) sum += (numbers[a * stride + at] ?? 0) * (numbers[b * stride + at] ?? 0);
  return sum;
}

test('the kernel is what its source says', async () => {
  const tools = await wabt();
  const { buffer } = tools.parseWat('dots.wat', readFileSync(SOURCE, 'utf8'), { simd: true }).toBinary({});
  expect(Buffer.from(buffer)).toEqual(readFileSync(new URL('./dots.wasm', SOURCE)));
});

test('one vector is multiplied with all, whatever their number', () => {
  fc.assert(
    fc.property(packed, ({ stride, count, numbers }) => {
      const found: number[] = [];
      const one = numbers.slice(0, stride);
      if (count > 0)
        dotAll(one, numbers, stride, (products, from) => products.forEach((each, at) => (found[from + at] = each)));
      expect(found).toEqual(Array.from({ length: count }, (_, at) => dot(numbers, stride, 0, at)));
    }),
    { numRuns: 30 },
  );
});

test('neighbours are multiplied across batches', () => {
  fc.assert(
    fc.property(packed, ({ stride, count, numbers }) => {
      const { next, second } = dotNeighbours(count, stride, (at) =>
        at % 7 === 3 ? null : numbers.subarray(at * stride, (at + 1) * stride),
      );
      const expected = (step: number) =>
        Array.from({ length: count }, (_, at) => {
          const isThere = at + step < count && at % 7 !== 3 && (at + step) % 7 !== 3;
          return isThere ? dot(numbers, stride, at, at + step) : 0;
        });
      expect([[...next], [...second]]).toEqual([expected(1), expected(2)]);
    }),
    { numRuns: 30 },
  );
});

test('the greatest numbers of a long vector stay within what the kernel counts in', () => {
  const one = new Int8Array(4096).fill(-128);
  dotAll(one, one, 4096, (products) => expect([...products]).toEqual([4096 * 128 * 128]));
});

test('a vector takes as many numbers as the kernel takes at a time', () => {
  expect([0, 1, 16, 384, 385].map(strideOf)).toEqual([0, 16, 16, 384, 400]);
  expect(() => strideOf(100_000)).toThrow(/at most 65536 numbers, got 100000/);
});
