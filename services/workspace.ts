import { chmod, lstat, mkdir, readdir, realpath } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { ServiceError } from '../memory/errors.ts';
import { withLock } from './lock.ts';

/** Longest wait (ms) for another process that starts or stops this workspace's services; it may be downloading. */
const WAIT = 10 * 60_000;

/**
 * Makes the folder if need be, closes it to everybody but its owner, and returns its one true path, by which its servers are
 * recognised.
 */
export async function makeWorkspace(workspace: string): Promise<string> {
  await mkdir(workspace, { recursive: true, mode: 0o700 });
  await closeWorkspace(workspace);
  return realpath(workspace);
}

/** What is made in a workspace, also by the profile that is shipped. */
const OURS = /^(?:temporal|postgres|services\.(?:json|lock)|(?:dev|prod|test)\.duckdb)(?:\..*)?$/;
/** What may be somebody else's where the workspace is no folder of its own. */
const OURS_ALONE = /^(?:tmp|dream|tour|.+\.duckdb(?:\..*)?)$/;
/** PostgreSQL keeps it closed by itself, and it has thousands of files. */
const POSTGRES_DATA = /[/\\]postgres[/\\]data$/;

/**
 * Takes from others every right to what holds memories; earlier versions left it to the umask. The home folder, the current one and
 * those above them are not ours to close: there only what is surely ours is. A database elsewhere that was there before stays as it
 * is: it may be shared with dbt, or a group, on purpose.
 */
async function closeWorkspace(workspace: string): Promise<void> {
  const own = !(await isShared(workspace));
  if (own) await close(workspace);
  const names = (await readdir(workspace)).filter((name) => OURS.test(name) || (own && OURS_ALONE.test(name)));
  for (const name of names) await closeTree(path.join(workspace, name));
}

/** Whether others than the workspace live there: `--workspace .`, `--workspace /tmp`. */
async function isShared(workspace: string): Promise<boolean> {
  const place = await realpath(workspace);
  const within = [process.cwd(), homedir(), tmpdir()].map((folder) => path.relative(place, folder));
  return within.some((relative) => !/^\.\.(?:[/\\]|$)/.test(relative));
}

async function closeTree(target: string): Promise<void> {
  if (POSTGRES_DATA.test(target) || !(await close(target))) return;
  for (const name of await readdir(target)) await closeTree(path.join(target, name));
}

/** Whether it is a folder to go on with; not another user's, nor what a link leads to. */
async function close(target: string): Promise<boolean> {
  // What is gone meanwhile needs no closing.
  const found = await lstat(target).catch(() => null);
  if (found === null || found.isSymbolicLink() || found.uid !== process.getuid?.()) return false;
  if ((found.mode & 0o077) !== 0) await chmod(target, found.mode & 0o700).catch(() => undefined);
  return found.isDirectory();
}

/** Runs `work` while no other process starts or stops the services of this workspace. */
export async function lockWorkspace<T>(
  workspace: string,
  report: (line: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  const onWait = (pid?: number) =>
    report(`Waiting for process ${pid ?? '?'}, which is starting or stopping the services of ${workspace}`);
  return withLock(path.join(workspace, 'services.lock'), { wait: WAIT, onWait }, work);
}

export function stuck(title: string, pid: number): ServiceError {
  return new ServiceError(`${title} (process ${pid}) does not end, not even when killed.`);
}
