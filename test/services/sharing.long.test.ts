import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { findByArgument, identify } from '../../services/process.ts';
import { describeServices, stopServices } from '../../services/services.ts';
import { forgetWorker, readState, recordWorker, type StateEntry } from '../../services/state.ts';
import { freshWorkspace, plainEnv, start, startElsewhere, stateOf } from './support.ts';

/** A process that is none of our servers. */
async function somebodyElse(): Promise<{ pid: number; identity: string }> {
  const child = execa('sleep', ['600'], { reject: false });
  onTestFinished(() => void child.kill('SIGKILL'));
  const pid = child.pid ?? 0;
  return { pid, identity: (await identify(pid)) ?? '' };
}

test(
  'two starts at once, one of them in another process, share one server of each kind',
  { timeout: 60_000 },
  async () => {
    const workspace = await freshWorkspace();
    const [one, other] = await Promise.all([start(workspace), start(workspace), startElsewhere(workspace)]);
    expect(one.temporal.address).toBe(other.temporal.address);
    expect(one.postgres.url).toBe(other.postgres.url);
    expect(await findByArgument('postgres', path.join(workspace, 'postgres', 'data'))).toHaveLength(1);
    expect(await findByArgument('temporal', path.join(workspace, 'temporal', 'temporal.db'))).toHaveLength(1);
  },
);

test(
  'after a kill -9 of the process that started them, the next takes them over and stops them',
  { timeout: 60_000 },
  async () => {
    const workspace = await freshWorkspace();
    const first = await startElsewhere(workspace);
    const before = await stateOf(workspace);
    expect(before.postgres?.owner?.pid).toBe(first.pid);
    await first.kill();
    const lines: string[] = [];
    const services = await start(workspace, lines);
    expect(lines.join('\n')).toMatch(/PostgreSQL: taking over process \d+/);
    expect((await stateOf(workspace)).postgres).toMatchObject({
      pid: before.postgres?.pid,
      owner: { pid: process.pid },
    });
    await services.stop();
    expect(await identify(before.postgres?.pid ?? 0)).toBeUndefined();
    expect(await identify(before.temporal?.pid ?? 0)).toBeUndefined();
  },
);

test(
  'a remembered pid that now belongs to somebody else is left alone, by start and by stop',
  { timeout: 60_000 },
  async () => {
    const workspace = await freshWorkspace();
    const foreign = await somebodyElse();
    const reused: StateEntry = {
      pid: foreign.pid,
      identity: 'another boot:1',
      ports: { sql: 1, grpc: 1, ui: 1 },
      version: '0',
      ready: true,
      startedAt: '2026-01-01T00:00:00.000Z',
      owner: null,
    };
    const state = { format: 1, temporal: reused, postgres: reused, workers: { dev: reused } };
    await writeFile(path.join(workspace, 'services.json'), JSON.stringify(state));
    expect((await start(workspace)).postgres.started).toBe(true);
    expect(await stopServices({ workspace, report: () => undefined })).toEqual(['temporal', 'postgres']);
    expect(await identify(foreign.pid)).toBe(foreign.identity);
    // Nothing is left but where they listened.
    expect(Object.keys(await stateOf(workspace))).toEqual(['format', 'ports']);
  },
);

test('services down ends the orphaned worker of every target and needs no servers for it', async () => {
  const workspace = await freshWorkspace();
  const [dev, prod] = [await somebodyElse(), await somebodyElse()];
  await recordWorker(workspace, { target: 'dev', pid: dev.pid, version: '0.1.0' });
  await recordWorker(workspace, { target: 'prod', pid: prod.pid, version: '0.1.0' });
  expect(await stopServices({ workspace, report: () => undefined })).toEqual(['worker']);
  expect([await identify(dev.pid), await identify(prod.pid)]).toEqual([undefined, undefined]);
});

test('workers of two targets are known side by side, and one that ends takes only its own entry with it', async () => {
  const workspace = await freshWorkspace();
  const [dev, prod] = [await somebodyElse(), await somebodyElse()];
  await recordWorker(workspace, { target: 'dev', pid: dev.pid, version: '0.1.0' });
  await recordWorker(workspace, { target: 'prod', pid: prod.pid, version: '0.1.0' });
  expect(await pids(workspace)).toEqual({ dev: dev.pid, prod: prod.pid });
  await forgetWorker(workspace, prod.pid);
  expect(await pids(workspace)).toEqual({ dev: dev.pid });
  await forgetWorker(workspace, dev.pid);
  expect(await stateOf(workspace)).toEqual({ format: 1 });
});

async function pids(workspace: string): Promise<Record<string, number>> {
  const { workers } = await describeServices({ workspace, env: plainEnv, target: 'dev', report: () => undefined });
  return Object.fromEntries(Object.entries(workers).map(([target, { pid }]) => [target, pid]));
}

test('services down in a workspace that never was ends nothing and makes nothing', async () => {
  const workspace = path.join(await freshWorkspace(), 'never');
  expect(await stopServices({ workspace, report: () => undefined })).toEqual([]);
  expect(await readdir(path.dirname(workspace))).toEqual([]);
});

test('a state file of another version is reported and counts as empty', async () => {
  const workspace = await freshWorkspace();
  await writeFile(path.join(workspace, 'services.json'), '{"format": 0, "temporal": {"port": 7233}}');
  const lines: string[] = [];
  expect(await readState(workspace, (line) => void lines.push(line))).toEqual({ format: 1 });
  expect(lines).toEqual([expect.stringMatching(/services\.json is damaged or of another version/)]);
});
