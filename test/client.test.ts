import { once } from 'node:events';
import { ScheduleOverlapPolicy, type Client, type ScheduleDescription } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  applySchedules,
  deleteSchedules,
  hasWorker,
  listSchedules,
  namespaceOf,
  requireWorker,
  runCycle,
} from '../client.ts';
import { describeRetry, type Retry } from '../memory/retry.ts';
import { READ_QUEUE, WORKFLOW_QUEUE } from '../workflows/names.ts';
import { SCHEDULE_PREFIX, SCHEDULES } from '../workflows/schedules.ts';
import { WORKFLOWS } from './support/stub-worker.ts';
import { openNamespace, type TestNamespace } from './support/services.ts';

let temporal: TestNamespace;

beforeAll(async () => {
  temporal = await openNamespace();
});
afterAll(() => temporal.connection.close());
beforeEach(async () => {
  await deleteSchedules(temporal.client);
});

/** Somebody else's or an older version's schedule. */
async function createForeign(scheduleId: string): Promise<void> {
  await temporal.client.schedule.create({
    scheduleId,
    spec: { intervals: [{ every: '1h' }] },
    action: { type: 'startWorkflow', workflowType: 'rem', taskQueue: WORKFLOW_QUEUE },
    state: { paused: true },
  });
}

function describeSchedule(id: string): Promise<ScheduleDescription> {
  return temporal.client.schedule.getHandle(id).describe();
}

/** Listing lags a moment behind; what is listed is what `applySchedules` removes. */
async function waitForListing(count: number): Promise<void> {
  await expect.poll(() => listSchedules(temporal.client), { timeout: 10_000 }).toHaveLength(count);
}

test('schedules are created, and at the next time updated', async () => {
  const ids = SCHEDULES.map(({ id }) => id);
  expect(await applySchedules(temporal.client, 'UTC')).toEqual(ids.map((id) => ({ id, change: 'created' })));
  expect(await applySchedules(temporal.client, 'UTC')).toEqual(ids.map((id) => ({ id, change: 'updated' })));
  await waitForListing(SCHEDULES.length);
  expect((await listSchedules(temporal.client)).map(({ id }) => id)).toEqual([...ids].sort());
});

test.each(SCHEDULES)(
  '$id skips what would overlap, makes good only what was just missed, and retries nothing',
  async (schedule) => {
    await applySchedules(temporal.client, 'UTC');
    const { policies, action, spec, state } = await describeSchedule(schedule.id);
    const windows = { '1 minute': 60e3, '10 minutes': 600e3, '2 hours': 7_200e3, '1 day': 86_400e3 };
    expect(policies).toMatchObject({ overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: windows[schedule.catchup] });
    expect(action).toMatchObject({
      workflowType: schedule.workflow,
      taskQueue: WORKFLOW_QUEUE,
      args: [schedule.input],
    });
    expect(action.retry).toBeUndefined();
    expect(spec.timezone).toBe('UTC');
    expect(state).toMatchObject({ paused: false, note: schedule.note });
  },
);

test("an operator's pause and its reason survive an update, which brings the new time zone", async () => {
  await applySchedules(temporal.client, 'UTC');
  const id = `${SCHEDULE_PREFIX}night`;
  await temporal.client.schedule.getHandle(id).pause('moving house');
  await applySchedules(temporal.client, 'Europe/Berlin');
  const { state, spec, info } = await describeSchedule(id);
  expect(state).toMatchObject({ paused: true, note: 'moving house' });
  expect(spec.timezone).toBe('Europe/Berlin');
  const hours = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', hour: '2-digit', minute: '2-digit' });
  expect(new Set(info.nextActionTimes.map((time) => hours.format(time)))).toEqual(new Set(['03:04']));
});

test('a schedule of ours that is no more is deleted, and nobody else’s', async () => {
  await createForeign(`${SCHEDULE_PREFIX}of-an-older-version`);
  await createForeign('of-somebody-else');
  // By name: what an earlier test deleted may still be listed.
  const listed = async () => (await listSchedules(temporal.client)).map(({ id }) => id);
  await expect.poll(listed, { timeout: 10_000 }).toEqual([`${SCHEDULE_PREFIX}of-an-older-version`]);
  const changes = await applySchedules(temporal.client, 'UTC');
  expect(changes.at(-1)).toEqual({ id: `${SCHEDULE_PREFIX}of-an-older-version`, change: 'deleted' });
  await expect(describeSchedule(`${SCHEDULE_PREFIX}of-an-older-version`)).rejects.toThrow();
  expect(await deleteSchedules(temporal.client)).toEqual(SCHEDULES.map(({ id }) => id).sort());
  // At once again, while the server may still list them.
  expect(await deleteSchedules(temporal.client)).toEqual([]);
  expect((await describeSchedule('of-somebody-else')).scheduleId).toBe('of-somebody-else');
  await temporal.client.schedule.getHandle('of-somebody-else').delete();
});

test('without a worker a run is refused, with what to start', async () => {
  const { connection, namespace } = temporal;
  expect(await hasWorker({ connection, namespace })).toBe(false);
  await expect(requireWorker({ connection, namespace })).rejects.toThrow(
    `no worker serves namespace ${namespace}; start one with: biomem worker`,
  );
});

test('a worker whose one writing slot has been taken for so long that nobody polls for it is there all the same', async () => {
  const { connection, namespace } = temporal;
  const native = await NativeConnection.connect({ address: temporal.address });
  const common = { connection: native, namespace };
  const workers = await Promise.all([
    Worker.create({ ...common, workflowsPath: WORKFLOWS, taskQueue: WORKFLOW_QUEUE }),
    Worker.create({ ...common, activities: { idle: () => Promise.resolve() }, taskQueue: READ_QUEUE }),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  try {
    await expect.poll(() => hasWorker({ connection, namespace }), { timeout: 10_000 }).toBe(true);
  } finally {
    workers.forEach((worker) => {
      worker.shutdown();
    });
    await running;
    await native.close();
  }
});

test('each target has its own namespace', () => {
  expect(namespaceOf('prod')).toBe('biological-memory-prod');
});

/** A client whose one run has a step that failed once, as the server describes it, and ends when that has been told. */
function describing(pending: object): { client: Client; retried: (retry: Retry) => void; told: Retry[] } {
  const told: Retry[] = [];
  const ended = new AbortController();
  const pendingActivities = [
    {
      ...{ activityId: '1', activityType: { name: 'writeBackDreams' }, attempt: 2, maximumAttempts: 12 },
      ...{ lastFailure: { message: 'activity Heartbeat timeout' }, ...pending },
    },
  ];
  const handle = { describe: async () => ({ raw: { pendingActivities } }), result: () => once(ended.signal, 'abort') };
  const workflow = { start: async () => ({ workflowId: 'w' }), getHandle: () => handle };
  const client = { workflow, withAbortSignal: (_: AbortSignal, body: () => unknown) => body() } as unknown as Client;
  const retried = (retry: Retry) => {
    told.push(retry);
    ended.abort();
  };
  return { client, retried, told };
}

test.each([
  [
    'in 20 s',
    { seconds: 20.2 },
    'writeBackDreams is tried again in 20 s (attempt 2 of 12): activity Heartbeat timeout',
  ],
  ['at a time that has passed', { seconds: -3 }, 'writeBackDreams is being tried again (attempt 2 of 12): activity'],
  ['in the far future', { seconds: 1_795_808_375 }, 'writeBackDreams is being tried again (attempt 2 of 12): activity'],
  ['at no known time', null, 'writeBackDreams is being tried again (attempt 2 of 12): activity Heartbeat timeout'],
])('an attempt that comes %s is told with a plausible time or with none', async (_, wait, said) => {
  const at = wait === null ? null : Date.now() / 1000 + wait.seconds;
  const next = at === null ? null : { seconds: Math.floor(at), nanos: Math.floor((at % 1) * 1e9) };
  const { client, retried, told } = describing({
    nextAttemptScheduleTime: next,
    // What a server has said after the worker was killed.
    currentRetryInterval: { seconds: 1_795_808_375 },
  });
  await runCycle(client, { asOf: '2026-03-02T03:00:00Z' }, { retried });
  expect(told.map(describeRetry)).toEqual([expect.stringContaining(said)]);
});
