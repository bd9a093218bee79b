import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { STAGES, type StateChecksum } from '../../memory/types.ts';
import type { ServicesStatus } from '../../services/status.ts';
import { SCHEDULES } from '../../workflows/schedules.ts';
import { clear, makeWorkspace } from '../services/support.ts';
import { biomem, biomemJson, findProcesses } from '../support/biomem.ts';
import { makeLines, writeJournal } from '../support/journal.ts';
import { startUp, type Running } from '../support/running.ts';

interface Cycle {
  readonly workflowId: string;
  readonly status: string;
  readonly asOf: string;
  readonly stages: readonly { stage: string; status: string; counts: Record<string, number> }[];
}

// One `biomem up`, at which the tests look one after the other.
let workspace: string;
let running: Running;

beforeAll(async () => {
  workspace = await makeWorkspace();
  running = await startUp(workspace);
});
afterAll(async () => {
  running.child.kill('SIGKILL');
  await clear(workspace);
});

const run = (...args: string[]) => biomem(args, { workspace });
const json = <Document>(...args: string[]) => biomemJson<Document>(args, { workspace });
const checksum = () => json<StateChecksum>('checksum');
const rowsOf = ({ tables }: StateChecksum, name: string) => tables.find(({ table }) => table === name)?.rows;

/** All events of a cycle: of the run that was started, of the cycle under its fixed id, and of each stage. */
async function countEvents(workflowId: string, seen = new Set<string>()): Promise<number> {
  if (seen.has(workflowId)) return 0;
  seen.add(workflowId);
  const { events } = await running.client.workflow.getHandle(workflowId).fetchHistory();
  let count = events?.length ?? 0;
  for (const event of events ?? []) {
    const child = event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowId;
    if (child) count += await countEvents(child, seen);
  }
  return count;
}

test('the schedules are there, can be listed, deleted and applied again', async () => {
  const ids = SCHEDULES.map(({ id }) => id).sort();
  const list = () => json<{ schedules: { id: string; paused: boolean; next: string | null }[] }>('schedules', 'list');
  await expect.poll(async () => (await list()).schedules.map(({ id }) => id), { timeout: 10_000 }).toEqual(ids);
  expect(await json('schedules', 'apply')).toEqual({
    schedules: SCHEDULES.map(({ id }) => ({ id, change: 'updated' })),
  });
  expect(await run('schedules', 'delete')).toMatchObject({ code: 0, stdout: ids.join('\n') });
  // None of them may start a cycle between the checksums below.
  await expect.poll(async () => (await list()).schedules, { timeout: 10_000 }).toEqual([]);
  const { cycles } = await json<{ cycles: { workflowId: string }[] }>('cycle', 'status');
  for (const { workflowId } of cycles) await running.client.workflow.getHandle(workflowId).result();
});

test('services status names all of them, and the worker, without a password', async () => {
  const status = await json<ServicesStatus>('services', 'status');
  expect(status).toMatchObject({
    workspace,
    temporal: { state: 'running' },
    postgres: { state: 'running' },
    ollama: null,
  });
  expect(status.postgres.address).toMatch(/:\*\*\*\*\*@127\.0\.0\.1/);
  expect(status.workers['dev']?.pid).toBeGreaterThan(0);
});

test('remember writes a text, and a journal once however often it is given', async () => {
  const file = await writeJournal(workspace, 'journal.jsonl', makeLines(20, 3));
  expect(await run('remember', 'The launch moved to the 21st')).toMatchObject({ code: 0, stdout: '1 memory written' });
  expect(await json('remember', '--file', file)).toMatchObject({ written: 20 });
  expect(await json('remember', '--file', file)).toMatchObject({ written: 0 });
});

test('cycle run lives a night, a dry run changes nothing, a stage runs alone', async () => {
  const before = await checksum();
  const rehearsal = await json<Cycle>('cycle', 'run', '--as-of', '2026-03-04T03:00:00Z', '--dry-run');
  expect(rehearsal.stages[0]).toMatchObject({ stage: 'ingest', status: 'done', counts: { ingested: 20 } });
  expect(await checksum()).toEqual(before);

  const cycle = await json<Cycle>('cycle', 'run', '--as-of', '2026-03-04T03:00:00Z');
  // A dry run embeds nothing, so what comes after has fewer links.
  expect(cycle).toMatchObject({ status: 'done', asOf: '2026-03-04T03:00:00.000Z' });
  expect(cycle.stages.slice(0, 2)).toMatchObject(rehearsal.stages.slice(0, 2));
  expect(cycle.stages.map(({ stage, status }) => [stage, status])).toEqual(STAGES.map((stage) => [stage, 'done']));
  const after = await checksum();
  expect(rowsOf(after, 'raw_memory')).toBe(20);

  // The same night once more is answered from the ledger.
  const again = await json<Cycle>('cycle', 'run', '--as-of', '2026-03-04T03:00:00Z');
  expect(again.stages).toEqual(cycle.stages);
  expect(await checksum()).toEqual(after);

  const stage = await run('cycle', 'run', '--as-of', '2026-03-05T03:00:00Z', '--stage', 'ingest', '--json');
  expect(JSON.parse(stage.stdout)).toMatchObject({ stage: 'ingest', status: 'done', counts: { ingested: 0 } });
});

test('cycle run --no-wait prints the id at once, and cycle status lists it', async () => {
  const { code, stdout } = await run('cycle', 'run', '--as-of', '2026-03-06T03:00:00Z', '--no-wait');
  expect([code, stdout]).toEqual([0, 'memory-cycle-2026-03-06T03:00:00.000Z']);
  await running.client.workflow.getHandle(stdout).result();
  await expect
    .poll(() => json<{ cycles: unknown[] }>('cycle', 'status'), { timeout: 10_000 })
    .toMatchObject({
      cycles: expect.arrayContaining([expect.objectContaining({ workflowId: stdout, status: 'COMPLETED' })]),
    });
});

test('a cycle has the same number of events for 40 new memories as for 4,000', { timeout: 300_000 }, async () => {
  const counts: number[] = [];
  for (const [night, memories] of [[8, 40] as const, [9, 4_000] as const]) {
    const lines = makeLines(memories, 1, night * 10_000).map((line) => ({
      ...line,
      created_at: line.created_at.replace('2026-03-01', `2026-03-0${night - 1}`),
    }));
    const file = await writeJournal(workspace, `${memories}.jsonl`, lines);
    expect(await json('remember', '--file', file)).toMatchObject({ written: memories });
    const cycle = await json<Cycle>('cycle', 'run', '--as-of', `2026-03-0${night}T03:00:00Z`);
    expect(cycle.stages[0]?.counts).toMatchObject({ ingested: memories });
    counts.push(await countEvents(cycle.workflowId));
  }
  expect(counts[0]).toBeGreaterThan(100);
  expect(counts[1]).toBe(counts[0]);
});

test('a second worker on the same file ends at once and names who owns it', async () => {
  const worker = (await json<ServicesStatus>('services', 'status')).workers['dev'];
  const { code, stdout, stderr } = await run('worker');
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain(join(workspace, 'dev.duckdb'));
  expect(stderr).toMatch(new RegExp(`node.* \\(pid ${worker?.pid ?? 0}\\)`));
  // The one that owns it is still known, and serves.
  expect((await json<ServicesStatus>('services', 'status')).workers['dev']?.pid).toBe(worker?.pid);
});

test('dream refuses to use a Temporal server on which a worker would do its work on other data', async () => {
  const elsewhere = join(workspace, 'dream');
  const outcome = await biomem(['dream'], { workspace: elsewhere, env: { TEMPORAL_ADDRESS: running.address } });
  expect(outcome).toMatchObject({ code: 2, stdout: '' });
  expect(outcome.stderr).toContain(`a worker already serves namespace biological-memory-dev at ${running.address}`);
  expect(await findProcesses(elsewhere)).toEqual([]);
});

test('Ctrl-C ends everything within 15 s; the file then gives the checksum that the worker gave', async () => {
  const held = await checksum();
  const { code, stdout, seconds } = await running.interrupt();
  expect([code, stdout]).toEqual([0, '']);
  expect(seconds).toBeLessThan(15);
  expect(await findProcesses(workspace)).toEqual([]);
  expect(await checksum()).toEqual(held);
  const status = await json<ServicesStatus>('services', 'status');
  expect(status).toMatchObject({ temporal: { state: 'stopped' }, postgres: { state: 'stopped' }, workers: {} });
});

test('services down under a running up ends it too, which says why', { timeout: 120_000 }, async () => {
  const again = await startUp(workspace);
  expect((await json<{ stopped: string[] }>('services', 'down')).stopped).toContain('temporal');
  const { exitCode, stderr } = await again.child;
  expect(exitCode).toBe(1);
  expect(stderr).toContain('the worker was told to end, by biomem services down or by a signal');
  expect(await findProcesses(workspace)).toEqual([]);
});

test('services up stays after the command, and services down ends it', async () => {
  expect(await json<ServicesStatus>('services', 'up')).toMatchObject({
    temporal: { state: 'running' },
    postgres: { state: 'running' },
  });
  expect(await findProcesses(workspace)).not.toEqual([]);
  const { code, stderr } = await run('cycle', 'run');
  expect(code).toBe(1);
  expect(stderr).toContain('no worker serves namespace biological-memory-dev; start one with: biomem worker');
  expect(await json('services', 'down')).toEqual({ stopped: ['temporal', 'postgres'] });
  expect(await findProcesses(workspace)).toEqual([]);
});
