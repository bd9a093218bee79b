import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkOnce } from '../../downloads/checked.ts';
import { makeFolder } from '../support/database.ts';

/** A folder of the cache with a file in a folder of its own, and how often it was compared. */
function openCache() {
  const folder = join(makeFolder(), 'model');
  mkdirSync(join(folder, 'inner'), { recursive: true });
  const file = join(folder, 'inner', 'weights');
  writeFileSync(file, 'abc');
  let compared = 0;
  const check = async (expected = 'digest') => {
    await checkOnce(folder, expected, () => Promise.resolve(void (compared += 1)));
    return compared;
  };
  return { folder, file, check };
}

test('files that have not changed are compared once', async () => {
  const { check } = openCache();
  expect([await check(), await check(), await check()]).toEqual([1, 1, 1]);
});

test.each([
  ['a file has another content of the same length', ({ file }: { file: string }) => writeFileSync(file, 'abd')],
  [
    'its time was set back after that',
    ({ file }: { file: string }) => {
      writeFileSync(file, 'abd');
      utimesSync(file, 0, 0);
    },
  ],
  ['there is another file', ({ folder }: { folder: string }) => writeFileSync(join(folder, 'more'), '')],
])('they are compared again when %s', async (_, change) => {
  const cache = openCache();
  await cache.check();
  change(cache);
  expect([await cache.check(), await cache.check()]).toEqual([2, 2]);
});

test('they are compared again when something else is expected of them', async () => {
  const { check } = openCache();
  expect([await check('one'), await check('other')]).toEqual([1, 2]);
});

test('what does not fit is not noted', async () => {
  const { folder, check } = openCache();
  await expect(checkOnce(folder, 'digest', () => Promise.reject(new Error('another')))).rejects.toThrow('another');
  expect(await check()).toBe(1);
});
