import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { archiveFolder } from '../../downloads/archive.ts';
import { ServiceError } from '../../memory/errors.ts';
import { findTemporal } from '../../services/temporal-binary.ts';
import { freshWorkspace, plainEnv } from './support.ts';

async function program(folder: string, text: string, name = 'temporal'): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, name), `#!/bin/sh\n${text}\n`);
  await chmod(path.join(folder, name), 0o755);
  return path.join(folder, name);
}

const REAL = 'echo "temporal version 9.8.7 (Server 1.2.3, UI 4.5.6)"';
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

test('a cached one gets its run bit and is used', async () => {
  const cache = { BIOLOGICAL_MEMORY_CACHE: await freshWorkspace() };
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const folder = archiveFolder(`temporal-1.9.1-${process.platform}-${arch}`, cache);
  const file = await program(folder, REAL);
  await chmod(file, 0o644);
  expect(await find({ ...cache, PATH: '' })).toEqual({ path: file, version: '9.8.7', from: 'cache' });
});

test('the real one is found in this environment and says its version', { timeout: 120_000 }, async () => {
  expect((await find(plainEnv)).version).toMatch(/^\d+\.\d+\.\d+/);
});
