import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import envPaths from 'env-paths';
import { reasonOf, ServiceError } from '../memory/errors.ts';

/** Work folders older than this (in ms) belong to a process that was killed in the middle. */
const ABANDONED_AFTER = 60 * 60 * 1000;

/** The per-user folder where downloads are kept between runs: BIOLOGICAL_MEMORY_CACHE, else the system's usual place. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const configured = env['BIOLOGICAL_MEMORY_CACHE'];
  return configured ? path.resolve(configured) : envPaths('biological-memory', { suffix: '' }).cache;
}

export async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/**
 * Returns `folder`, made by `fill` when it is not there yet. `fill` works in a folder of its own beside it and returns
 * the complete result's path in there, which only then takes the final name: a run killed half-way leaves nothing that
 * is taken for complete, and of two processes at once the first to finish wins.
 *
 * Throws what `fill` throws, and a ServiceError when the cache cannot be written.
 */
export async function keep(folder: string, fill: (work: string) => Promise<string>): Promise<string> {
  if (await exists(folder)) return folder;
  const work = `${folder}.partial-${randomBytes(6).toString('hex')}`;
  await makeRoom(folder, work);
  try {
    await rename(await fill(work), folder).catch(async (error: unknown) => {
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}

async function makeRoom(folder: string, work: string): Promise<void> {
  try {
    await mkdir(work, { recursive: true });
    await sweep(folder);
  } catch (error) {
    throw new ServiceError(
      `The download cache ${path.dirname(folder)} cannot be written: ${reasonOf(error)}. ` +
        `Set BIOLOGICAL_MEMORY_CACHE to a folder that can.`,
      { cause: error },
    );
  }
}

async function sweep(folder: string): Promise<void> {
  const prefix = `${path.basename(folder)}.partial-`;
  for (const name of await readdir(path.dirname(folder))) {
    if (!name.startsWith(prefix)) continue;
    const left = path.join(path.dirname(folder), name);
    // Another process may finish and take its folder away between these two lines.
    const age = await stat(left).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > ABANDONED_AFTER) await rm(left, { recursive: true, force: true });
  }
}
