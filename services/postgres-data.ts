import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { exists } from '../downloads/cache.ts';
import { reasonOf, ServiceError } from '../memory/errors.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { programOf } from './process.ts';
import { describeExit } from './program.ts';
import { handOver, runAs, type PostgresUser } from './postgres-user.ts';

export const POSTGRES_USER = 'biological_memory';

/** What of PostgreSQL lies in a workspace. */
export function postgresPaths(workspace: string) {
  const folder = path.join(workspace, 'postgres');
  return {
    folder,
    data: path.join(folder, 'data'),
    password: path.join(folder, 'password'),
    log: path.join(folder, 'postgres.log'),
  };
}

export type PostgresPaths = ReturnType<typeof postgresPaths>;

/** The password of this workspace's server. Throws when there is none yet. */
export async function readPassword({ password }: PostgresPaths): Promise<string> {
  return (await readFile(password, 'utf8')).trim();
}

/**
 * Makes the data folder unless it is there. initdb works in a folder of another name, so that a run killed half-way
 * leaves nothing that looks like a database.
 *
 * Throws a ServiceError when initdb fails, or when there are data but no password.
 */
export async function prepareData(
  paths: PostgresPaths,
  user: PostgresUser,
  { initdb }: PostgresBinaries,
): Promise<void> {
  await sweep(paths);
  await clearReusedPid(paths);
  const there = await exists(paths.data);
  const password = await readPassword(paths).catch(() => '');
  if (there && password) return;
  if (there) throw new ServiceError(lostPassword(paths));
  await initialise(paths, user, initdb, password || (await makePassword(paths)));
}

function lostPassword({ folder, password }: PostgresPaths): string {
  return `${folder} holds a database, but its password file ${password} is missing. Put it back, or remove ${folder} to begin afresh.`;
}

async function sweep({ folder }: PostgresPaths): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.includes('.partial-')) continue;
    // The initdb of a killed run may still be writing into it.
    await rm(path.join(folder, name), { recursive: true, force: true, maxRetries: 6, retryDelay: 100 });
  }
}

/**
 * After a crash PostgreSQL finds its old pid in the data folder. It disregards one that has ended, but not one that was
 * given to another program since, as happens after a restart, above all in a container.
 */
async function clearReusedPid({ data }: PostgresPaths): Promise<void> {
  const file = path.join(data, 'postmaster.pid');
  const pid = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
  const program = await programOf(pid);
  if (program !== undefined && program !== 'postgres') await rm(file);
}

/** 192 random bits, in letters that need no escaping in a URL. */
async function makePassword({ password }: PostgresPaths): Promise<string> {
  const secret = randomBytes(24).toString('base64url');
  const partial = `${password}.partial-${randomBytes(6).toString('hex')}`;
  await writeFile(partial, `${secret}\n`, { mode: 0o600, flush: true });
  await rename(partial, password);
  return secret;
}

async function initialise(paths: PostgresPaths, user: PostgresUser, initdb: string, secret: string): Promise<void> {
  const partial = `${paths.data}.partial-${randomBytes(6).toString('hex')}`;
  // A copy, because the server's user may be another one than the user who may read the password.
  const passwordFile = `${partial}.password`;
  try {
    await mkdir(partial, { mode: 0o700 });
    await writeFile(passwordFile, secret, { mode: 0o600 });
    await Promise.all([handOver(partial, user), handOver(passwordFile, user)]);
    // The mode bits of a package may be lost on the way through an archive.
    await chmod(initdb, 0o755).catch(() => undefined);
    const { file, args, ...ids } = runAs(user, initdb, initdbArguments(partial, passwordFile));
    const options = { ...ids, cwd: '/', env: { LC_ALL: 'C' }, timeout: 120_000, stdin: 'ignore' } as const;
    const outcome = await execa(file, args, { ...options, all: true, reject: false });
    await writeFile(paths.log, outputOf(outcome), { mode: 0o600 });
    if (outcome.failed) throw new Error(`${describeExit(outcome, outputOf(outcome))}; its log is ${paths.log}`);
    await rename(partial, paths.data);
  } catch (error) {
    throw new ServiceError(`PostgreSQL's data folder ${paths.data} could not be made by initdb: ${reasonOf(error)}.`);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(partial, { recursive: true, force: true });
  }
}

/** Nothing when the program could not even be run. */
function outputOf({ all }: { readonly all?: string }): string {
  return all ?? '';
}

function initdbArguments(data: string, passwordFile: string): string[] {
  return [
    `--pgdata=${data}`,
    `--username=${POSTGRES_USER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // PostgreSQL's own locale sorts and folds case the same on every system, and needs none installed.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ];
}
