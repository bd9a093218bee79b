import { hostname } from 'node:os';
import proto from '@temporalio/proto';
import type { TemporalTarget } from '../client.ts';
import { WORKFLOW_QUEUE } from '../workflows/names.ts';

/** A poll waits a minute for a task; then the worker is seen again. In ms. */
const POLL = 90_000;

/** How a worker calls itself to the server: whose it is, and where. */
export function workerIdentity(target: string): string {
  return `${target} ${process.pid}@${hostname()}`;
}

/**
 * A worker of another target that serves this namespace, as it calls itself: the two would take each other's tasks, and each do them
 * on its own data. One that ended on another machine in the last minute and a half still counts.
 */
export async function findRival({ connection, namespace }: TemporalTarget, target: string): Promise<string | null> {
  const taskQueueType = proto.temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW;
  const taskQueue = { name: WORKFLOW_QUEUE };
  const { pollers } = await connection.workflowService.describeTaskQueue({ namespace, taskQueue, taskQueueType });
  const recent = pollers.filter(({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds) * 1000 < POLL);
  return recent.map(({ identity }) => identity ?? '').find((identity) => isRival(identity, target)) ?? null;
}

function isRival(identity: string, target: string): boolean {
  const [, owner, pid, host] = /^(.+) (\d+)@(.*)$/.exec(identity) ?? [];
  return owner !== undefined && owner !== target && (host !== hostname() || isRunning(Number(pid)));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
