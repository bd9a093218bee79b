import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { create } from 'tar';
import { expect, test } from 'vitest';
import { archiveFolder, fetchArchive } from '../../downloads/archive.ts';
import { freshFolder, kept, serve, sha256 } from './support.ts';

async function tarball(): Promise<Buffer> {
  const folder = await freshFolder();
  await writeFile(path.join(folder, 'program'), 'a program'.repeat(1000), { mode: 0o755 });
  await create({ gzip: true, cwd: folder, file: path.join(folder, 'a.tar.gz') }, ['program']);
  return readFile(path.join(folder, 'a.tar.gz'));
}

const fetching = (url: string, cache: string, more = {}) =>
  fetchArchive({ name: 'sample-1', url, env: { BIOLOGICAL_MEMORY_CACHE: cache }, report: () => undefined, ...more });

test('a tar.gz archive is unpacked into the cache', async () => {
  const [bytes, cache] = [await tarball(), await freshFolder()];
  const url = await serve((_request, response) => response.end(bytes));
  const folder = await fetching(url, cache, { sha256: sha256(bytes) });
  expect(await readFile(path.join(folder, 'program'), 'utf8')).toBe('a program'.repeat(1000));
});

test('a truncated archive is an error and leaves nothing behind', async () => {
  const [bytes, cache] = [await tarball(), await freshFolder()];
  const url = await serve((_request, response) => response.end(bytes.subarray(0, bytes.length - 20)));
  await expect(fetching(url, cache)).rejects.toThrow();
  expect(await kept(cache, 'archives')).toEqual([]);
});

test('a server that does not answer in time is given up', async () => {
  const cache = await freshFolder();
  const url = await serve(() => undefined);
  await expect(fetching(url, cache, { firstByte: 100 })).rejects.toThrow('no answer within 0.1 s');
});

test('a web page instead of an archive is refused', async () => {
  const cache = await freshFolder();
  const url = await serve((_request, response) => response.end('<html>Sign in to this network</html>'));
  await expect(fetching(url, cache)).rejects.toThrow('expected a zip or tar.gz archive');
});

test('an archive that wants to write outside its folder is refused', async () => {
  const cache = await freshFolder();
  const url = await serve((_request, response) => response.end(zipSync({ '../../escaped': strToU8('x') })));
  await expect(fetching(url, cache)).rejects.toThrow('an entry outside its own folder: ../../escaped');
});

test('what a killed download left is not taken for complete, and is cleared away when it is old', async () => {
  const [bytes, cache] = [await tarball(), await freshFolder()];
  const left = `${archiveFolder('sample-1', { BIOLOGICAL_MEMORY_CACHE: cache })}.partial-0123456789ab`;
  await mkdir(left, { recursive: true });
  const twoHoursAgo = Date.now() / 1000 - 7200;
  await utimes(left, twoHoursAgo, twoHoursAgo);
  const url = await serve((_request, response) => response.end(bytes));
  await fetching(url, cache);
  expect(await kept(cache, 'archives')).toEqual(['sample-1']);
});

test('a cache that cannot be written is named together with its variable', async () => {
  const file = path.join(await freshFolder(), 'file');
  await writeFile(file, '');
  await expect(fetching('http://127.0.0.1:9', file)).rejects.toThrow(
    /cache .* cannot be written.*BIOLOGICAL_MEMORY_CACHE/s,
  );
});
