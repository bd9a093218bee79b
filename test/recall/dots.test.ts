import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import wabt from 'wabt';

const read = (file: string) => readFileSync(new URL(`../../recall/${file}`, import.meta.url));

test('the compiled dot products are those of their source', async () => {
  const { parseWat } = await wabt();
  const module = parseWat('dots.wat', read('dots.wat').toString(), { simd: true });
  const { buffer } = module.toBinary({});
  expect(Buffer.from(buffer).equals(read('dots.wasm'))).toBe(true);
});
