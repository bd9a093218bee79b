import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { onTestFinished } from 'vitest';

/** A fresh folder that is removed when the test has finished. */
export async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'biological-memory-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A real HTTP server for one test; returns its address. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A wheel with one file of ours and what a wheel must have. */
export function makeWheel(content: string): Buffer {
  return packWheel('biological_memory_sample', '1.0', { 'biological_memory_sample/data/answer.txt': content });
}

/** A wheel of these files and of what a wheel must have. */
export function packWheel(project: string, version: string, contents: Readonly<Record<string, string>>): Buffer {
  const info = `${project}-${version}.dist-info`;
  const files = {
    ...contents,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${project.replaceAll('_', '-')}\nVersion: ${version}\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    [`${info}/RECORD`]: '',
  };
  return Buffer.from(zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]))));
}

export const WHEEL_NAME = 'biological_memory_sample-1.0-py3-none-any.whl';

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** PyPI's JSON API for one wheel, as far as it is used. */
export function describeWheel(url: string, bytes: Buffer): string {
  const digests = { sha256: sha256(bytes) };
  return JSON.stringify({
    urls: [{ filename: WHEEL_NAME, url, packagetype: 'bdist_wheel', size: bytes.length, digests }],
  });
}

/** What is in the cache's `wheels` or `archives` folder. */
export async function kept(cache: string, kind: 'wheels' | 'archives'): Promise<string[]> {
  return readdir(path.join(cache, kind)).catch(() => []);
}
