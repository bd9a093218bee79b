import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder, exists, keep } from './cache.ts';
import { checkOnce } from './checked.ts';
import { digestFile, digestFolder } from './digest.ts';
import type { NpmPackage } from './npm.ts';
import type { unpack } from './unpack.ts';
import { reasonOf } from '../memory/errors.ts';

const VERSION = '1.30.0';

/** Who looks for something in the cache, and hears of each download. */
export interface Finding {
  readonly env: NodeJS.ProcessEnv;
  readonly report: (line: string) => void;
}

/**
 * onnxruntime-node is no dependency: npm would put the libraries of five platforms into everybody's node_modules, 288 MB, where one
 * is used, 46 MB; and its install script fetches CUDA, 400 MB, from elsewhere: on a network without that (npm 10 and 11 alike) it
 * fails, and npm leaves an optional dependency out and says nothing. The download is the same 114 MB either way.
 */
const RUNTIME: NpmPackage & { readonly sha256: string } = {
  name: 'onnxruntime-node',
  version: VERSION,
  bytes: 113_507_888,
  sha256: '6e3390d6b783e7be946fad629292799da28d0b42f84856e50d2c1b0383291e75',
};
/** What it imports, but for its install script. */
const COMMON: typeof RUNTIME = {
  name: 'onnxruntime-common',
  version: VERSION,
  bytes: 66_795,
  sha256: '7906c439e0d3e0f4048caa23b64cdfadc0f455c377f579ce1ab2a4b778f07d5f',
};

/** What is kept for each platform that it was built for, all files together; taken from the two tarballs. */
const DIGESTS: Readonly<Record<string, string>> = {
  'linux/x64': '57f16bf5ab4f017ded8c6269c84435b95a04253641529e556c17eeb9122be118',
  'linux/arm64': '15f48c6c0a18898a3a5db7c911ad8697057afaf72f09217a0328ff414036159a',
  'darwin/arm64': 'a47befad251894c7feeff2a15e31ecc657e37fda5de3a20ee777fdcd0cc720e7',
  'win32/x64': '75ef0f27c87c82012f0f9c732e4f6f77f6dcde2f2183cec6e1d3b04520539050',
  'win32/arm64': 'de963a34660de5f0c8afd3f96e616cf76af2c1150a5e4b7e8148d2d379f1f5ad',
};

const PLATFORM = `${process.platform}/${process.arch}`;

/** Where the runtime is once it was downloaded. */
export function runtimeFolder(env: NodeJS.ProcessEnv): string {
  return path.join(cacheFolder(env), 'onnxruntime', `${VERSION}-${process.platform}-${process.arch}`);
}

/**
 * The folder of onnxruntime-node for this platform, in the per-user cache; downloaded the first time, compared with a pinned
 * digest each time. Throws when there is none for this platform, or it cannot be had.
 */
export async function findOnnxRuntime({ env, report }: Finding): Promise<string> {
  const expected = DIGESTS[PLATFORM];
  if (expected === undefined)
    throw new Error(`there is no onnxruntime ${VERSION} for ${process.platform} ${process.arch}`);
  const folder = runtimeFolder(env);
  if (await exists(folder)) {
    try {
      await checkOnce(folder, expected, () => expectFolder(folder, expected));
      return folder;
    } catch (error) {
      report(`The cached ${folder} cannot be used: ${reasonOf(error)}. It is removed.`);
      await rm(folder, { recursive: true, force: true });
    }
  }
  return keep(folder, async (work) => {
    const fetched = await fetchRuntime(work, { env, report });
    await expectFolder(fetched, expected);
    return fetched;
  });
}

async function fetchRuntime(work: string, finding: Finding): Promise<string> {
  const native = `package/bin/napi-v6/${PLATFORM}/`;
  const wanted = (entry: string) => entry.startsWith(native) || /^package\/(?:dist\/|package\.json$)/.test(entry);
  const runtime = path.join(await fetchPackage(RUNTIME, path.join(work, 'node'), finding, wanted), 'package');
  const common = path.join(await fetchPackage(COMMON, path.join(work, 'common'), finding), 'package');
  await mkdir(path.join(runtime, 'node_modules'));
  await rename(common, path.join(runtime, 'node_modules', COMMON.name));
  return runtime;
}

async function fetchPackage(
  wanted: typeof RUNTIME,
  folder: string,
  finding: Finding,
  entries?: Parameters<typeof unpack>[2],
): Promise<string> {
  const [{ downloadWithNpm }, { unpack }] = await Promise.all([import('./npm.ts'), import('./unpack.ts')]);
  await mkdir(folder);
  const file = await downloadWithNpm(wanted, { folder, ...finding });
  const digest = await digestFile(file);
  if (digest !== wanted.sha256)
    throw new Error(`${path.basename(file)} has the sha256 ${digest}, expected ${wanted.sha256}`);
  const unpacked = path.join(folder, 'unpacked');
  await unpack(file, unpacked, entries);
  return unpacked;
}

async function expectFolder(folder: string, expected: string): Promise<void> {
  const digest = await digestFolder(folder);
  if (digest !== expected) throw new Error(`its files have together the sha256 ${digest}, expected ${expected}`);
}
