import { mkdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { ServiceError } from '../memory/errors.ts';
import { withLock } from './lock.ts';

/** Longest wait (ms) for another process that starts or stops this workspace's services; it may be downloading. */
const WAIT = 10 * 60_000;

/** Makes the folder if need be and returns its one true path, by which its servers are recognised. */
export async function makeWorkspace(workspace: string): Promise<string> {
  await mkdir(workspace, { recursive: true });
  return realpath(workspace);
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
