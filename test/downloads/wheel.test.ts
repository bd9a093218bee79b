import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { fetchWheel } from '../../downloads/wheel.ts';
import { ServiceError } from '../../memory/errors.ts';
import { describeWheel, freshFolder, kept, makeWheel, serve, WHEEL_NAME } from './support.ts';

const sample = { project: 'biological-memory-sample', version: '1.0' };
const answerOf = (folder: string) => readFile(path.join(folder, 'biological_memory_sample/data/answer.txt'), 'utf8');

/** PyPI as a local server; `body` is what it delivers as the wheel that it announces. */
async function pypi(wheel: Buffer, body: Buffer = wheel): Promise<{ index: string; asked: string[] }> {
  const asked: string[] = [];
  const index = await serve((request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/pypi/biological-memory-sample/1.0/json') {
      return response.end(describeWheel(`http://${request.headers.host}/files/${WHEEL_NAME}`, wheel));
    }
    response.writeHead(200, { 'content-length': wheel.length });
    // Shorter than announced: a connection that breaks.
    response.write(body, () => (body.length < wheel.length ? response.destroy() : response.end()));
  });
  return { index, asked };
}

/** Without Python on PATH, so that only the JSON API is left. */
const withoutPython = async () => ({ BIOLOGICAL_MEMORY_CACHE: await freshFolder(), PATH: '' });

test('a wheel comes from the JSON API once and from the cache afterwards', async () => {
  const env = await withoutPython();
  const { index, asked } = await pypi(makeWheel('forty-two'));
  const lines: string[] = [];
  const request = { ...sample, index, env, report: (line: string) => void lines.push(line) };
  const folder = await fetchWheel(request);
  expect(await answerOf(folder)).toBe('forty-two');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^Downloading biological-memory-sample 1\.0 from 127\.0\.0\.1:\d+ \(.* MB, about 1 s/);
  expect(await fetchWheel(request)).toBe(folder);
  expect(asked).toHaveLength(2);
});

test('a wheel whose digest differs is refused and not kept', async () => {
  const env = await withoutPython();
  const { index } = await pypi(makeWheel('forty-two'), makeWheel('forty-too'));
  const attempt = fetchWheel({ ...sample, index, env, report: () => undefined });
  await expect(attempt).rejects.toThrow(/has the sha256 [0-9a-f]{64}, PyPI announced/);
  expect(await kept(env.BIOLOGICAL_MEMORY_CACHE, 'wheels')).toEqual([]);
});

test('a download that breaks off leaves nothing behind', async () => {
  const env = await withoutPython();
  const wheel = makeWheel('forty-two');
  const { index } = await pypi(wheel, wheel.subarray(0, 100));
  await expect(fetchWheel({ ...sample, index, env, report: () => undefined })).rejects.toThrow(ServiceError);
  expect(await kept(env.BIOLOGICAL_MEMORY_CACHE, 'wheels')).toEqual([]);
});

test('a wheel without the wanted file is refused and not kept', async () => {
  const env = await withoutPython();
  const { index } = await pypi(makeWheel('forty-two'));
  const attempt = fetchWheel({ ...sample, index, env, fileMatch: /fts\.duckdb_extension$/, report: () => undefined });
  await expect(attempt).rejects.toThrow('the wheel has no file /fts\\.duckdb_extension$/');
  expect(await kept(env.BIOLOGICAL_MEMORY_CACHE, 'wheels')).toEqual([]);
});

const pip = await execa('python3', ['-m', 'pip', '--version'], { reject: false });

test.skipIf(pip.failed)('where PyPI does not answer, pip brings the wheel from where it is told to look', async () => {
  const links = await freshFolder();
  await writeFile(path.join(links, WHEEL_NAME), makeWheel('from pip'));
  const index = await serve((_request, response) => response.writeHead(503).end());
  const cache = { BIOLOGICAL_MEMORY_CACHE: await freshFolder() };
  const env = { ...process.env, ...cache, PIP_NO_INDEX: '1', PIP_FIND_LINKS: links };
  const lines: string[] = [];
  const folder = await fetchWheel({ ...sample, index, env, report: (line) => void lines.push(line) });
  expect(await answerOf(folder)).toBe('from pip');
  expect(lines.join('\n')).toMatch(
    /not from PyPI's JSON API .*HTTP 503.*\n.*with pip .*\npip brought biological_memory/,
  );
});

test('when every way fails, the error lists each with its reason', async () => {
  const env = await withoutPython();
  const index = await serve((_request, response) => response.writeHead(404).end());
  const error = await fetchWheel({ ...sample, index, env, report: () => undefined }).catch((each: unknown) => each);
  expect(error).toBeInstanceOf(ServiceError);
  expect((error as Error).message.split('\n')).toEqual([
    'biological-memory-sample 1.0 could not be fetched. Tried:',
    `  - PyPI's JSON API (${index}): HTTP 404 Not Found`,
    expect.stringMatching(/^ {2}- pip download: no python3? on PATH$/),
  ]);
});

test('two downloads at once end with one complete wheel', async () => {
  const env = await withoutPython();
  const { index } = await pypi(makeWheel('forty-two'));
  const fetchOnce = () => fetchWheel({ ...sample, index, env, report: () => undefined });
  const [one, other] = await Promise.all([fetchOnce(), fetchOnce()]);
  expect(one).toBe(other);
  expect(await answerOf(one)).toBe('forty-two');
  expect(await kept(env.BIOLOGICAL_MEMORY_CACHE, 'wheels')).toEqual([path.basename(one)]);
});
