import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { ServiceError } from '../memory/errors.ts';
import { identify, isAlive } from './process.ts';

const LOOK_EVERY = 50;
/** A lock file that cannot be read is one that is being written, but not for longer than this (ms). */
const WRITING = 2_000;

const holder = z.object({ pid: z.number(), identity: z.string(), token: z.string() });

export interface LockOptions {
  /** Longest wait for another process to let go, in ms. */
  readonly wait: number;
  /** Called once, when somebody else holds it. */
  readonly onWait?: (pid: number | undefined) => void;
}

/**
 * Runs `work` while no other process runs its own under the same lock `file`. A lock whose process has ended, or whose
 * pid now belongs to another, is recognised and taken.
 *
 * Throws a ServiceError when the holder does not let go in time.
 */
export async function withLock<T>(file: string, { wait, onWait }: LockOptions, work: () => Promise<T>): Promise<T> {
  const token = randomUUID();
  await mkdir(path.dirname(file), { recursive: true });
  const deadline = Date.now() + wait;
  let told = false;
  while (!(await take(file, token))) {
    if (await breakStale(file)) continue;
    const pid = (await read(file))?.pid;
    if (Date.now() > deadline)
      throw new ServiceError(`Process ${pid} has held ${file} for ${wait / 1000} s; end it first.`);
    if (!told) onWait?.(pid);
    told = true;
    await delay(LOOK_EVERY);
  }
  try {
    return await work();
  } finally {
    if ((await read(file))?.token === token) await rm(file, { force: true });
  }
}

async function take(file: string, token: string): Promise<boolean> {
  const identity = (await identify(process.pid)) ?? '';
  try {
    await writeFile(file, JSON.stringify({ pid: process.pid, identity, token }), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function read(file: string): Promise<z.infer<typeof holder> | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  try {
    return holder.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * Two processes may find the same stale lock; without the guard folder the slower one would remove the lock that the
 * faster one has just taken.
 */
async function breakStale(file: string): Promise<boolean> {
  if (!(await isStale(file))) return false;
  const guard = `${file}.breaking`;
  try {
    await mkdir(guard);
  } catch {
    if (await isOlderThan(guard, WRITING)) await rmdir(guard).catch(() => undefined);
    return false;
  }
  try {
    if (await isStale(file)) await rm(file, { force: true });
    return true;
  } finally {
    await rmdir(guard).catch(() => undefined);
  }
}

async function isStale(file: string): Promise<boolean> {
  const owner = await read(file);
  return owner ? !(await isAlive(owner)) : isOlderThan(file, WRITING);
}

async function isOlderThan(file: string, ms: number): Promise<boolean> {
  return stat(file).then(
    ({ mtimeMs }) => Date.now() - mtimeMs > ms,
    () => false,
  );
}
