import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  Client,
  Connection,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ConnectionOptions,
  type ScheduleOptions,
} from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import proto from '@temporalio/proto';
import { ServiceError } from './memory/errors.ts';
import type { Progress } from './memory/progress.ts';
import type { Retry } from './memory/retry.ts';
import type {
  CycleInput,
  CycleReport,
  ForgetInput,
  ForgetOutcome,
  RestoreInput,
  RestoreOutcome,
  Stage,
  StageReport,
  StateChecksum,
  StateSummary,
} from './memory/types.ts';
import { SCHEDULE_PREFIX, SCHEDULES, type Schedule } from './workflows/schedules.ts';
import { CYCLE_ID, READ_QUEUE, WORKFLOW_QUEUE } from './workflows/names.ts';

const { TaskQueueType } = proto.temporal.api.enums.v1;
type ServerTime = proto.google.protobuf.ITimestamp;
type PendingActivity = proto.temporal.api.workflow.v1.IPendingActivityInfo;

/** Where Temporal is, and which namespace is ours. */
export interface TemporalTarget {
  readonly connection: Connection;
  readonly namespace: string;
}

/** What became of a cycle that was started or waited for. */
export interface CycleRun<Report> {
  readonly workflowId: string;
  readonly report: Report;
}

/** How the end of a run is waited for. */
export interface Waiting {
  readonly signal?: AbortSignal;
  readonly retried?: ((retry: Retry) => void) | undefined;
  readonly lived?: ((progress: Progress) => void) | undefined;
}

/** How often a run is looked at while it is waited for; a look is one call for each workflow that is under way. */
const WATCH_MS = 500;

/** The namespace of a profile's target, unless one is named: own history, own schedules, own retention. */
export function namespaceOf(target: string): string {
  return `biological-memory-${target}`;
}

export type { Client, Connection } from '@temporalio/client';

/** Opens a connection; the caller closes it. */
export function openConnection(options: ConnectionOptions): Promise<Connection> {
  return Connection.connect(options);
}

export function createClient({ connection, namespace }: TemporalTarget): Client {
  return new Client({ connection, namespace });
}

/**
 * Whether somebody serves the queues. The one with a single slot is not asked for: nobody polls it while the slot is taken, and
 * the server forgets who polled after five minutes, which a night of reading may well take.
 */
export async function hasWorker({ connection, namespace }: TemporalTarget): Promise<boolean> {
  for (const name of [WORKFLOW_QUEUE, READ_QUEUE]) {
    const taskQueueType =
      name === WORKFLOW_QUEUE ? TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW : TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY;
    const queue = await connection.workflowService.describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType });
    if (queue.pollers.length === 0) return false;
  }
  return true;
}

/** @throws ServiceError when nobody serves the queues: without a worker a run would wait without a word */
export async function requireWorker(target: TemporalTarget): Promise<void> {
  if (await hasWorker(target)) return;
  throw new ServiceError(
    `no worker serves namespace ${target.namespace}; start one with: biomem worker (or npm start)`,
  );
}

/** Starts a cycle and gives its workflow id; `workflowId` defaults to one that names the time. */
export async function startCycle(client: Client, input: CycleInput, workflowId = cycleName(input)): Promise<string> {
  const handle = await client.workflow.start('memoryCycle', {
    taskQueue: WORKFLOW_QUEUE,
    workflowId,
    args: [input],
    staticSummary: `Cycle as of ${input.asOf ?? 'now'}`,
    // A cycle that was asked for twice is the same cycle: the ledger answers, nothing is done again.
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
  return handle.workflowId;
}

/** Waits for a cycle. @throws WorkflowFailedError */
async function awaitCycle(client: Client, workflowId: string): Promise<CycleReport> {
  return (await client.workflow.getHandle(workflowId).result()) as CycleReport;
}

/**
 * Starts a cycle and waits for its end; an aborted signal ends the waiting, not the cycle. `retried` hears of each attempt that
 * a step needs beyond its first, `lived` of how far a cycle is that stands for many nights. @throws the signal's reason
 */
export async function runCycle(
  client: Client,
  input: CycleInput,
  { signal = new AbortController().signal, ...told }: Waiting = {},
): Promise<CycleRun<CycleReport>> {
  const workflowId = await startCycle(client, input);
  try {
    // A signal of its own for each call: the client never takes its listeners off again. It adds one with every poll of twenty
    // seconds, which is no leak that Node need warn of.
    const waiting = AbortSignal.any([signal]);
    setMaxListeners(0, waiting);
    const ending = client.withAbortSignal(waiting, () => awaitCycle(client, workflowId));
    return { workflowId, report: await watching(client, workflowId, ending, told) };
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/** One stage by itself; what is told meanwhile as of a cycle. */
export async function runStage(
  client: Client,
  stage: Stage,
  input: CycleInput,
  told: Omit<Waiting, 'signal'> = {},
): Promise<CycleRun<StageReport>> {
  const workflowId = `${stage}-${input.asOf ?? new Date().toISOString()}`;
  const handle = await client.workflow.start(stage, { taskQueue: WORKFLOW_QUEUE, workflowId, args: [input] });
  return { workflowId, report: (await watching(client, workflowId, handle.result(), told)) as StageReport };
}

/** Waits for the end of a run and tells meanwhile, once each, which attempts its steps need and how far they are. */
async function watching<T>(
  client: Client,
  workflowId: string,
  ending: Promise<T>,
  { retried, lived }: Omit<Waiting, 'signal'>,
): Promise<T> {
  if (retried === undefined && lived === undefined) return ending;
  const ended = new AbortController();
  const told = new Set<string>();
  const watch = async () => {
    while (!ended.signal.aborted) {
      // What cannot be seen just now is not worth failing for: the run itself is waited for beside this.
      const pending = await listPending(client, workflowId).catch(() => []);
      for (const { key, retry, progress } of pending.filter(({ key }) => !told.has(key))) {
        told.add(key);
        if (retry !== undefined) retried?.(retry);
        if (progress !== undefined) lived?.(progress);
      }
      await delay(WATCH_MS, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  };
  void watch();
  return ending.finally(() => {
    ended.abort();
  });
}

/** What is to be told of a step that is under way; `key` is the same for the same news. */
interface Pending {
  readonly key: string;
  readonly retry?: Retry;
  readonly progress?: Progress;
}

/** What the steps of a run and of its children tell: those that failed and are being tried again, and how far the others are. */
async function listPending(client: Client, workflowId: string, runId?: string): Promise<Pending[]> {
  const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
  const own = (raw.pendingActivities ?? []).flatMap((activity) => {
    const id = `${runId ?? ''} ${activity.activityId ?? ''}`;
    return [...readRetry(id, activity), ...readProgress(id, activity)];
  });
  const children = (raw.pendingChildren ?? []).map((child) =>
    listPending(client, child.workflowId ?? '', child.runId ?? undefined),
  );
  return [...own, ...(await Promise.all(children)).flat()];
}

function readRetry(id: string, { activityType, attempt, maximumAttempts, ...given }: PendingActivity): Pending[] {
  const reason = given.lastFailure?.message;
  if (!attempt || attempt < 2 || !reason) return [];
  const seconds = secondsUntil(given.nextAttemptScheduleTime);
  const retry = { step: activityType?.name ?? '', attempt, attempts: maximumAttempts ?? 0, seconds, reason };
  return [{ key: `${id} ${String(attempt)}`, retry }];
}

/** From the details of an activity's last beat. */
function readProgress(id: string, { heartbeatDetails }: PendingActivity): Pending[] {
  const [payload] = heartbeatDetails?.payloads ?? [];
  if (!payload) return [];
  const progress = defaultPayloadConverter.fromPayload<{ progress?: Progress } | undefined>(payload)?.progress;
  return progress === undefined ? [] : [{ key: `${id} ${progress.night}`, progress }];
}

/** A back-off is half a minute at most, and clocks may differ by minutes. */
const LONGEST_WAIT_S = 600;

/**
 * From now until a time that the server names; 0 where it names none, one that has passed, or one that is no time of an attempt:
 * of a worker that was killed it has named the seconds since 1970.
 */
function secondsUntil(time: ServerTime | null | undefined): number {
  const seconds = Math.round(Number(time?.seconds ?? 0) + (time?.nanos ?? 0) / 1e9 - Date.now() / 1000);
  return seconds > 0 && seconds <= LONGEST_WAIT_S ? seconds : 0;
}

/** The checksum of the state, from the worker that owns the database. */
export async function readChecksum(client: Client): Promise<StateChecksum> {
  const options = { taskQueue: WORKFLOW_QUEUE, workflowId: `checksum-${new Date().toISOString()}` };
  return (await client.workflow.execute('checksum', options)) as StateChecksum;
}

/** What is held as of a time, from the worker that owns the database. */
export async function readSummary(client: Client, input: { asOf: string; limit: number }): Promise<StateSummary> {
  const options = { taskQueue: WORKFLOW_QUEUE, workflowId: `summary-${new Date().toISOString()}`, args: [input] };
  return (await client.workflow.execute('summary', options)) as StateSummary;
}

/** Erases memories by the worker that owns the database. */
export async function runForget(client: Client, input: ForgetInput): Promise<ForgetOutcome> {
  const options = { taskQueue: WORKFLOW_QUEUE, workflowId: `forget-${new Date().toISOString()}`, args: [input] };
  return (await client.workflow.execute('forget', options)) as ForgetOutcome;
}

/** Brings an archived memory back by the worker that owns the database. */
export async function runRestore(client: Client, input: RestoreInput): Promise<RestoreOutcome> {
  const options = { taskQueue: WORKFLOW_QUEUE, workflowId: `restore-${new Date().toISOString()}`, args: [input] };
  return (await client.workflow.execute('restoreMemory', options)) as RestoreOutcome;
}

/** The last cycles, newest first. */
export async function listCycles(client: Client, limit: number) {
  const cycles = [];
  const query = `WorkflowType = 'memoryCycle' and WorkflowId != '${CYCLE_ID}'`;
  for await (const { workflowId, runId, status, startTime, closeTime } of client.workflow.list({ query })) {
    cycles.push({ workflowId, runId, status: status.name, startTime, closeTime: closeTime ?? null });
    if (cycles.length >= limit) break;
  }
  return cycles;
}

/** Creates or updates every schedule and deletes those of ours that are no more; an operator's pause survives. */
export async function applySchedules(client: Client, timezone: string): Promise<{ id: string; change: string }[]> {
  const changes = [];
  for (const schedule of SCHEDULES)
    changes.push({ id: schedule.id, change: await applySchedule(client, schedule, timezone) });
  for (const { id } of await listSchedules(client)) {
    if (SCHEDULES.some((schedule) => schedule.id === id)) continue;
    if (await deleteSchedule(client, id)) changes.push({ id, change: 'deleted' });
  }
  return changes;
}

/** Our schedules in this namespace. */
export async function listSchedules(client: Client) {
  const schedules = [];
  for await (const { scheduleId, state, info } of client.schedule.list()) {
    if (!scheduleId.startsWith(SCHEDULE_PREFIX)) continue;
    const next = info.nextActionTimes[0]?.toISOString() ?? null;
    schedules.push({ id: scheduleId, paused: state.paused, note: state.note ?? '', next });
  }
  return schedules.sort((a, b) => a.id.localeCompare(b.id));
}

/** Deletes our schedules and gives their ids. */
export async function deleteSchedules(client: Client): Promise<string[]> {
  // The server's list lags a moment behind: what was just applied may not stand in it yet.
  const ids = new Set([...SCHEDULES, ...(await listSchedules(client))].map(({ id }) => id));
  const deleted = [];
  for (const id of [...ids].sort()) if (await deleteSchedule(client, id)) deleted.push(id);
  return deleted;
}

/** False when there is none. */
async function deleteSchedule(client: Client, id: string): Promise<boolean> {
  try {
    await client.schedule.getHandle(id).delete();
    return true;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false;
    throw error;
  }
}

async function applySchedule(client: Client, schedule: Schedule, timezone: string): Promise<'created' | 'updated'> {
  const options = optionsOf(schedule, timezone);
  try {
    await client.schedule.create(options);
    return 'created';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const { spec, action, policies } = options;
    await client.schedule
      .getHandle(schedule.id)
      .update(({ state }) => ({ spec, action, state, ...(policies === undefined ? {} : { policies }) }));
    return 'updated';
  }
}

/** No retry on the action: a schedule that waits for retries of a failed run skips every later one. */
function optionsOf({ id, note, workflow, input, spec, catchup }: Schedule, timezone: string): ScheduleOptions {
  return {
    scheduleId: id,
    spec:
      'every' in spec
        ? { intervals: [{ every: spec.every, offset: spec.offset }], timezone }
        : { cronExpressions: [spec.cron], timezone },
    action: {
      type: 'startWorkflow',
      workflowType: workflow,
      workflowId: id.replace(SCHEDULE_PREFIX, 'memory-scheduled-'),
      taskQueue: WORKFLOW_QUEUE,
      args: [input],
      staticSummary: note,
      workflowExecutionTimeout: '6 hours',
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: catchup },
    state: { note },
  };
}

/** Names what the cycle is of; a rehearsal, or a part of a cycle, is not the cycle itself. */
function cycleName({ asOf, dryRun, stages }: CycleInput): string {
  const what = [...(dryRun ? ['dry-run'] : []), ...(stages ?? [])];
  return ['memory-cycle', ...what, asOf ?? new Date().toISOString()].join('-');
}
