import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { cancelled, heartbeat } from '@temporalio/activity';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { runCycle, runForget, runRestore, runStage } from '../../client.ts';
import { ConfigurationError, PassingFailure, PermanentFailure } from '../../memory/errors.ts';
import { describeProgress, type Progress } from '../../memory/progress.ts';
import type { Retry } from '../../memory/retry.ts';
import { STAGES, type CycleReport, type Stage, type StageReport } from '../../memory/types.ts';
import { CYCLE_ID, STAGE_IDS, WORKFLOW_QUEUE } from '../../workflows/names.ts';
import { openNamespace, type TestNamespace } from '../support/services.ts';
import { COUNTS, startStubWorker, type ActivityName, type StubWorker } from '../support/stub-worker.ts';

/** What a night calls, in order; reading text is apart from writing rows. */
const NIGHT: readonly ActivityName[] = [
  'ingestMemories',
  'readFeatures',
  'attendMemories',
  'embedMemories',
  'bindEpisodes',
  'describeEpisodes',
  'consolidateTraces',
  'integrateNetwork',
  'linkChanges',
  'learnGists',
  'scaleAssociations',
  'associateDistantly',
  'writeBackDreams',
  'publishRecall',
];
const AS_OF = '2026-03-05T03:00:00.000Z';

/** Each stub counts one row; what the steps of a stage count is added up. */
const ROWS: Partial<Record<Stage, number>> = { workingMemory: 3, shortTermMemory: 2, longTermMemory: 3, writeBack: 2 };
const countsOf = (stage: Stage) => ({ rows: ROWS[stage] ?? 1 });

let temporal: TestNamespace;
let worker: StubWorker;

beforeAll(async () => {
  temporal = await openNamespace();
  worker = await startStubWorker(temporal);
});
afterEach(() => {
  worker.reset();
});
afterAll(async () => {
  await worker.close();
  await temporal.connection.close();
});

/** As `temporal workflow start --type … --task-queue …` does. */
function start(type: string, ...args: unknown[]): Promise<WorkflowHandle> {
  return temporal.client.workflow.start(type, { taskQueue: WORKFLOW_QUEUE, workflowId: `test-${randomUUID()}`, args });
}

async function execute<Report>(type: string, ...args: unknown[]): Promise<Report> {
  return (await (await start(type, ...args)).result()) as Report;
}

async function failureOf(run: Promise<unknown>): Promise<Error> {
  const error: unknown = await run.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  let cause = error instanceof Error ? error : new Error(String(error));
  while (cause.cause instanceof Error) cause = cause.cause;
  expect(error).toBeInstanceOf(WorkflowFailedError);
  return cause;
}

/** An activity that runs until it is let go, at the latest by the end of the test. */
function hold(name: ActivityName): { reached: Promise<void>; release: () => void } {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  onTestFinished(release);
  const reached = new Promise<void>((resolve) => {
    const body = async () => {
      resolve();
      await released;
      return COUNTS;
    };
    worker.stub(name, body);
  });
  return { reached, release };
}

describe('a cycle', () => {
  test('started with no input runs all eight stages in order, each activity with the same input, its time filled in', async () => {
    const handle = await start('memoryCycle');
    const report = (await handle.result()) as CycleReport;
    const { startTime } = await handle.describe();
    expect(report).toEqual({
      status: 'done',
      asOf: startTime.toISOString(),
      stages: STAGES.map((stage) => ({ stage, status: 'done', counts: countsOf(stage) })),
    });
    expect(worker.calls).toEqual(NIGHT);
    for (const input of worker.inputs) expect(input).toMatchObject({ asOf: report.asOf, dryRun: false, limits: {} });
  });

  test('runs only the stages asked for, and in the order of a night', async () => {
    const input = { asOf: AS_OF, stages: ['consolidation', 'ingest'], limits: { replays: 3 } };
    const { stages } = await execute<CycleReport>('memoryCycle', input);
    expect(stages.map(({ stage }) => stage)).toEqual(['ingest', 'consolidation']);
    expect(worker.calls).toEqual(['ingestMemories', 'consolidateTraces']);
    expect(worker.inputs[1]).toMatchObject({ asOf: AS_OF, limits: { replays: 3 } });
  });

  test('as a dry run calls nothing but one rehearsal of all its stages', async () => {
    const report = await execute<CycleReport>('memoryCycle', { asOf: AS_OF, dryRun: true });
    expect(worker.calls).toEqual(['rehearse']);
    expect(worker.inputs).toEqual([{ asOf: AS_OF, dryRun: true, limits: {}, stages: STAGES }]);
    expect(report.stages).toEqual(STAGES.map((stage) => ({ stage, status: 'done', counts: COUNTS })));
  });

  test('tries again what failed, and then goes on', async () => {
    let attempts = 0;
    worker.stub('bindEpisodes', async () => {
      attempts += 1;
      if (attempts === 1) throw new Error('the connection was lost');
      return COUNTS;
    });
    const { status } = await execute<CycleReport>('memoryCycle', { asOf: AS_OF });
    expect([status, attempts]).toEqual(['done', 2]);
  });

  test('does not try again what another attempt cannot mend', async () => {
    worker.stub('bindEpisodes', async () => {
      throw new ConfigurationError('the profile names no such column');
    });
    const failure = await failureOf(execute('memoryCycle', { asOf: AS_OF }));
    expect(failure).toMatchObject({ message: 'the profile names no such column', type: 'ConfigurationError' });
    expect(worker.calls).toEqual([...NIGHT.slice(0, 4), 'bindEpisodes']);
  });

  test('and a stage say which attempts a step needs beyond its first, each once', async () => {
    const told: Retry[] = [];
    const stumble = (step: ActivityName) => {
      let failures = 0;
      worker.stub(step, async () => {
        failures += 1;
        if (failures < 3) throw new PassingFailure('the disk is full');
        return COUNTS;
      });
    };
    const retried = (retry: Retry) => void told.push(retry);
    stumble('bindEpisodes');
    await runCycle(temporal.client, { asOf: AS_OF }, { retried });
    stumble('associateDistantly');
    await runStage(temporal.client, 'rem', { asOf: AS_OF }, { retried });
    const retry = (step: string, attempt: number) => ({ step, attempt, attempts: 12, reason: 'the disk is full' });
    expect(told).toMatchObject(
      [2, 3]
        .map((attempt) => retry('bindEpisodes', attempt))
        .concat([2, 3].map((attempt) => retry('associateDistantly', attempt))),
    );
  });

  test('that stands for many nights tells how far it is', async () => {
    const told: string[] = [];
    const heard = new AbortController();
    worker.stub('consolidateTraces', async () => {
      heartbeat({ percentage: -1, progress: { lived: 120, days: 364, night: '2026-07-29' } });
      await once(heard.signal, 'abort');
      return COUNTS;
    });
    const lived = (progress: Progress) => {
      told.push(describeProgress(progress));
      heard.abort();
    };
    await runCycle(temporal.client, { asOf: AS_OF }, { lived });
    expect(told).toEqual(['lives the nights that have passed: 120 of 364, up to 2026-07-29']);
  });

  test('that fails says why where the Web UI shows what a run is at', async () => {
    worker.stub('bindEpisodes', async () => {
      throw new PermanentFailure('give the column its name');
    });
    const handle = await start('memoryCycle', { asOf: AS_OF });
    await failureOf(handle.result());
    for (const id of [handle.workflowId, CYCLE_ID, STAGE_IDS.shortTermMemory]) {
      const run = temporal.client.workflow.getHandle(id);
      const { currentDetails } = await run.query<{ currentDetails: string }>('__temporal_workflow_metadata');
      expect(currentDetails).toMatch(/as of 2026-03-05T03:00:00\.000Z: failed\n\ngive the column its name$/);
    }
  });

  test('that is cancelled cancels its stage and the activity, and starts nothing more', async () => {
    let reached = (): void => undefined;
    const running = new Promise<void>((resolve) => (reached = resolve));
    let seen: unknown;
    worker.stub('readFeatures', async () => {
      const beat = setInterval(() => heartbeat(), 50);
      reached();
      try {
        return await cancelled();
      } catch (error) {
        seen = error;
        throw error;
      } finally {
        clearInterval(beat);
      }
    });
    const handle = await start('memoryCycle', { asOf: AS_OF });
    await running;
    await handle.cancel();
    expect(await failureOf(handle.result())).toBeInstanceOf(CancelledFailure);
    // A cancellation that arrives while a child is being started reaches it a moment after its parent has closed.
    await expect.poll(() => seen, { timeout: 10_000 }).toBeInstanceOf(CancelledFailure);
    for (const id of [CYCLE_ID, STAGE_IDS.workingMemory]) {
      const status = async () => (await temporal.client.workflow.getHandle(id).describe()).status.name;
      await expect.poll(status, { timeout: 10_000 }).toBe('CANCELLED');
    }
    expect(worker.calls).toEqual(['ingestMemories', 'readFeatures']);
  });
});

describe('one at a time:', () => {
  test('a second cycle, and a stage by hand that a cycle is in, report `already running` and do nothing', async () => {
    const { reached, release } = hold('consolidateTraces');
    const first = await start('memoryCycle', { asOf: AS_OF });
    await reached;
    expect(await execute<CycleReport>('memoryCycle', { asOf: AS_OF })).toEqual({
      status: 'already running',
      asOf: AS_OF,
      stages: [],
    });
    expect(await execute<StageReport>('consolidation', { asOf: AS_OF })).toEqual({
      stage: 'consolidation',
      status: 'already running',
      counts: {},
    });
    expect(worker.calls).toEqual(NIGHT.slice(0, 7));
    release();
    expect(await first.result()).toMatchObject({ status: 'done' });
  });

  test('a cycle that comes to a stage which runs by hand ends there and says so', async () => {
    const { reached, release } = hold('attendMemories');
    const byHand = await start('workingMemory', { asOf: AS_OF });
    await reached;
    expect(await execute<CycleReport>('memoryCycle', { asOf: AS_OF })).toEqual({
      status: 'already running',
      asOf: AS_OF,
      stages: [
        { stage: 'ingest', status: 'done', counts: COUNTS },
        { stage: 'workingMemory', status: 'already running', counts: {} },
      ],
    });
    release();
    expect(await byHand.result()).toEqual({
      stage: 'workingMemory',
      status: 'done',
      counts: countsOf('workingMemory'),
    });
  });
});

describe('each stage', () => {
  test.each(STAGES)('%s runs by itself with no input', async (stage) => {
    expect(await execute<StageReport>(stage)).toEqual({ stage, status: 'done', counts: countsOf(stage) });
    expect(NIGHT).toEqual(expect.arrayContaining([...worker.calls]));
    expect(worker.calls.length).toBeGreaterThan(0);
  });

  test('as a dry run calls only its rehearsal', async () => {
    await execute<StageReport>('shortTermMemory', { asOf: AS_OF, dryRun: true });
    expect(worker.calls).toEqual(['rehearse']);
    expect(worker.inputs).toMatchObject([{ stages: ['shortTermMemory'] }]);
  });
});

describe('wrong input fails at once and names what was expected:', () => {
  test.each<[type: string, input: unknown, message: RegExp]>([
    ['memoryCycle', { asOf: 'yesterday' }, /expected asOf as ISO 8601.*yesterday/],
    ['memoryCycle', { asOf: 5 }, /expected asOf as ISO 8601.*5/],
    ['memoryCycle', { asOf: '5' }, /expected asOf as ISO 8601/],
    ['memoryCycle', { asOf: '2026-02-30T03:00:00Z' }, /expected asOf as ISO 8601/],
    ['memoryCycle', { asOf: '2026-03-05T03:00:00' }, /expected asOf as ISO 8601.*zone/],
    ['memoryCycle', { asOf: '2026-03-05' }, /expected asOf as ISO 8601.*zone/],
    ['memoryCycle', { asOf: '2026-03-05T24:00:00Z' }, /expected asOf as ISO 8601/],
    ['memoryCycle', { asOf: '0000-03-05T03:00:00Z' }, /expected asOf as a year from 0001 to 9998/],
    ['memoryCycle', { stages: ['dreaming'] }, /expected stages among ingest, .*dreaming/],
    ['memoryCycle', { stages: 'ingest' }, /expected stages/],
    ['memoryCycle', { stages: [] }, /expected stages/],
    ['memoryCycle', { asof: AS_OF }, /got asof/],
    ['memoryCycle', { dryRun: 'yes' }, /expected dryRun to be true or false, got "yes"/],
    ['memoryCycle', { limits: { replays: -1 } }, /limits\.replays/],
    ['memoryCycle', { limits: { replay: 5 } }, /limits.*replay/],
    ['memoryCycle', { limits: 5 }, /expected one object as limits, got 5/],
    ['memoryCycle', 'tonight', /expected one object.*tonight/],
    ['memoryCycle', 5, /expected one object/],
    ['memoryCycle', [AS_OF], /expected one object/],
    ['ingest', { asOf: 'yesterday' }, /expected asOf as ISO 8601/],
    ['ingest', { stages: ['ingest'] }, /got stages/],
    ['homeostasis', { strength: 2 }, /got strength/],
    ['summary', { asOf: AS_OF, limit: 0 }, /limit/],
    ['summary', undefined, /limit/],
    ['summary', { asOf: 'yesterday', limit: 5 }, /expected asOf as ISO 8601/],
  ])('%s %j', { timeout: 10_000 }, async (type, input, message) => {
    const failure = await failureOf(execute(type, ...(input === undefined ? [] : [input])));
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type: 'InvalidInput', message: expect.stringMatching(message) });
    expect(worker.calls).toEqual([]);
  });

  test('null, which `--input null` gives, counts as no input', { timeout: 10_000 }, async () => {
    expect(await execute<StageReport>('rem', null)).toMatchObject({ status: 'done' });
    expect(await execute<CycleReport>('memoryCycle', null)).toMatchObject({ status: 'done' });
  });
});

test('a backfill of a schedule lives the past: asOf is the nominal time of each run', async () => {
  const schedule = await temporal.client.schedule.create({
    scheduleId: 'test-backfill',
    spec: { cronExpressions: ['0 3 * * *'] },
    action: {
      type: 'startWorkflow',
      workflowType: 'memoryCycle',
      workflowId: 'test-backfill',
      taskQueue: WORKFLOW_QUEUE,
      args: [{ stages: ['ingest'] }],
    },
    state: { paused: true },
  });
  const [start, end] = [new Date('2026-03-01T00:00:00Z'), new Date('2026-03-03T00:00:00Z')];
  await schedule.backfill({ start, end, overlap: 'BUFFER_ALL' });
  const nights = ['2026-03-01T03:00:00Z', '2026-03-02T03:00:00Z'];
  for (const night of nights) {
    const handle = temporal.client.workflow.getHandle(`test-backfill-${night}`);
    await expect.poll(() => handle.describe().catch(() => null), { timeout: 15_000 }).not.toBeNull();
    expect(await handle.result()).toMatchObject({ status: 'done', asOf: night.replace('Z', '.000Z') });
  }
  expect(worker.inputs).toMatchObject(nights.map((night) => ({ asOf: night.replace('Z', '.000Z') })));
  await schedule.delete();
});

describe('what the Web UI shows', () => {
  const asOf = '2026-04-01T03:00:00.000Z';

  test('search attributes find a run and its stages by stage, cycle and dry run', async () => {
    const handle = await start('memoryCycle', { asOf, stages: ['ingest', 'rem'] });
    await handle.result();
    const find = async (query: string) => {
      const found = [];
      for await (const { workflowId } of temporal.client.workflow.list({ query })) found.push(workflowId);
      return found.sort();
    };
    const cycles = [CYCLE_ID, handle.workflowId].sort();
    const all = [...cycles, STAGE_IDS.ingest, STAGE_IDS.rem].sort();
    // Visibility is written a moment after the run.
    await expect.poll(() => find(`MemoryCycle = '${asOf}'`), { timeout: 10_000 }).toEqual(all);
    expect(await find(`MemoryCycle = '${asOf}' and MemoryStage = 'memoryCycle'`)).toEqual(cycles);
    expect(await find(`MemoryCycle = '${asOf}' and MemoryStage = 'rem'`)).toEqual([STAGE_IDS.rem]);
    expect(await find(`MemoryCycle = '${asOf}' and MemoryDryRun = true`)).toEqual([]);
  });

  test('current details are a table of the stages, while they run and afterwards', async () => {
    const { reached, release } = hold('bindEpisodes');
    const handle = await start('memoryCycle', { asOf });
    await reached;
    const inner = temporal.client.workflow.getHandle(CYCLE_ID);
    const during = await readDetails(inner);
    expect(during).toContain(`Cycle as of ${asOf}`);
    expect(during).toContain('| Working memory | done | rows 3 |');
    expect(during).toContain('| Short-term memory | running |  |');
    expect(during).toContain('| Consolidation | waiting |  |');
    release();
    await handle.result();
    for (const each of [inner, handle]) {
      const after = await readDetails(each);
      expect(after).toContain(`Cycle as of ${asOf}: done`);
      expect(after.match(/\| done \| rows [123] \|/g)).toHaveLength(STAGES.length);
    }
    const stage: Stage = 'rem';
    expect(await readDetails(temporal.client.workflow.getHandle(STAGE_IDS[stage]))).toBe(
      `REM as of ${asOf}: done rows 1`,
    );
  });

  async function readDetails(handle: WorkflowHandle): Promise<string> {
    const metadata = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
    return metadata.currentDetails;
  }
});

describe('forgetting', () => {
  const asOf = '2026-03-05T12:00:00.000Z';

  test('only ids and a time go through Temporal, and the receipt comes back', async () => {
    const outcome = await runForget(temporal.client, { ids: ['a', 'b'], asOf });
    expect(outcome).toEqual({ status: 'unknown', ids: ['a', 'b'] });
    expect([worker.calls, worker.inputs]).toEqual([['forgetMemories'], [{ ids: ['a', 'b'], asOf }]]);
  });

  test.each([undefined, {}, { ids: [] }, { ids: 'a' }, { ids: [1] }, { ids: [''] }, { ids: ['a'], text: 'x' }])(
    'an input of %j is refused at once',
    async (input) => {
      expect((await failureOf(execute('forget', input))).message).toMatch(/^expected /);
      expect(worker.calls).toEqual([]);
    },
  );

  test('a memory that was brought back is written back and published at once; one that was not changes nothing', async () => {
    expect(await runRestore(temporal.client, { id: 'a', asOf })).toEqual({ status: 'unknown' });
    expect(worker.calls).toEqual(['restoreMemory']);
    worker.reset();
    worker.stub('restoreMemory', async () => ({
      status: 'restored',
      fate: 'hippocampal_retention',
      retrievability: 1,
    }));
    await runRestore(temporal.client, { id: 'a', asOf });
    expect(worker.calls).toEqual(['restoreMemory', 'writeBackDreams', 'publishRecall']);
  });
});
