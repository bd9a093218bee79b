import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ServiceError } from '../../memory/errors.ts';
import { withLock } from '../../services/lock.ts';
import { identify } from '../../services/process.ts';
import { freshWorkspace } from './support.ts';

const lockFile = async () => path.join(await freshWorkspace(), 'some.lock');

test('works never overlap under one lock', async () => {
  const file = await lockFile();
  let [running, most, done] = [0, 0, 0];
  const work = async () => {
    most = Math.max(most, ++running);
    await readFile(file);
    running--;
    done++;
  };
  await Promise.all(Array.from({ length: 10 }, () => withLock(file, { wait: 10_000 }, work)));
  expect([most, done]).toEqual([1, 10]);
});

test('the lock is let go when the work fails', async () => {
  const file = await lockFile();
  const failing = withLock(file, { wait: 0 }, () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(await withLock(file, { wait: 0 }, () => Promise.resolve('yes'))).toBe('yes');
});

test.each([
  ['of a process that has ended', { pid: 2 ** 30, identity: 'gone', token: 't' }],
  ['whose pid was given to another process', { pid: process.pid, identity: 'another boot:1', token: 't' }],
])('a lock %s is taken by one of those who wait', async (_case, holder) => {
  const file = await lockFile();
  await writeFile(file, JSON.stringify(holder));
  let [running, most] = [0, 0];
  const work = async () => {
    most = Math.max(most, ++running);
    await readFile(file);
    running--;
  };
  await Promise.all(Array.from({ length: 5 }, () => withLock(file, { wait: 10_000 }, work)));
  expect(most).toBe(1);
});

test('an empty lock and a left-over guard, from a process killed at the worst moment, do not block', async () => {
  const file = await lockFile();
  const anHourAgo = Date.now() / 1000 - 3600;
  await writeFile(file, '');
  await mkdir(`${file}.breaking`);
  for (const left of [file, `${file}.breaking`]) await utimes(left, anHourAgo, anHourAgo);
  expect(await withLock(file, { wait: 5_000 }, () => Promise.resolve('mine'))).toBe('mine');
});

test('a lock that a living process holds is waited for, then named in the error', async () => {
  const file = await lockFile();
  const identity = await identify(process.pid);
  await writeFile(file, JSON.stringify({ pid: process.pid, identity, token: 'another' }));
  const waited: unknown[] = [];
  const options = { wait: 100, onWait: (pid?: number) => void waited.push(pid) };
  const attempt = withLock(file, options, () => Promise.resolve());
  await expect(attempt).rejects.toThrow(
    new ServiceError(`Process ${process.pid} has held ${file} for 0.1 s; end it first.`),
  );
  expect(waited).toEqual([process.pid]);
});
