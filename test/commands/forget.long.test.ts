import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ForgetReceipt } from '../../memory/types.ts';
import type { State } from '../../services/state.ts';
import { clear, makeWorkspace } from '../services/support.ts';
import { biomem, biomemJson, spawnBiomem } from '../support/biomem.ts';
import { writeJournal, type Line } from '../support/journal.ts';
import { startUp, type Running } from '../support/running.ts';

const NIGHT = '2026-03-04T03:00:00Z';
const lines: readonly Line[] = Array.from({ length: 120 }, (_, number) => ({
  id: `memory-of-${String(number).padStart(4, '0')}`,
  content: `Noor decided in Halifax that the lantern of pier ${String(number)} stays, ticket ${String(7919 * (number + 1))}.`,
  created_at: new Date(Date.UTC(2026, 2, 1 + (number % 3), 8, number)).toISOString(),
}));
const idOf = (number: number) => lines[number]?.id ?? '';
const textOf = (number: number) => lines[number]?.content ?? '';

// One `biomem up`, at which the tests look one after the other.
let workspace: string;
let running: Running;

beforeAll(async () => {
  workspace = await makeWorkspace();
  running = await startUp(workspace);
  await run('schedules', 'delete');
  await run('remember', '--file', await writeJournal(workspace, 'journal.jsonl', lines));
  expect(await run('cycle', 'run', '--as-of', NIGHT)).toMatchObject({ code: 0 });
});
afterAll(async () => {
  running.child.kill('SIGKILL');
  await clear(workspace);
});

const run = (...args: string[]) => biomem(args, { workspace });
const json = <Document>(...args: string[]) => biomemJson<Document>(args, { workspace });
const forget = (...args: string[]) => json<ForgetReceipt & { untouched: string[] }>('forget', ...args, '--yes');
const held = async () =>
  (await json<{ tables: { table: string; rows: number }[] }>('checksum')).tables.find(
    ({ table }) => table === 'raw_memory',
  )?.rows;

/** Whether a text stands in a file of the workspace, but for the journal and PostgreSQL's, which keeps dead rows until it vacuums. */
function isInFiles(text: string): string[] {
  const names = readdirSync(workspace, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !/^(?:postgres|journal)/.test(name) && statSync(join(workspace, name)).isFile(),
  );
  return names.filter((name) => readFileSync(join(workspace, name)).includes(text));
}

test('while a worker has the database it is asked, by ids alone, and the receipt says what is gone', async () => {
  const receipt = await forget(idOf(0), idOf(1));
  expect(receipt).toMatchObject({ forgotten: 2, already: 0, found: [], published: true });
  expect(receipt.source).toMatchObject({ deleted: 2, left: 0 });
  expect(receipt.erased).toMatchObject({ 'main.raw_memory': 2, 'dreams.long_term_memories': 2 });
  expect(receipt.untouched.join('\n')).toMatch(/vacuum \(full, analyze\) public\.memories, .*backups.*Temporal/s);
  expect(isInFiles(textOf(0))).toEqual([]);
  expect(await held()).toBe(118);
  expect((await json<{ results: { id: string }[] }>('recall', textOf(0))).results.map(({ id }) => id)).not.toContain(
    idOf(0),
  );
});

test('a question finds what is to be forgotten; without a terminal nobody can be asked, so it is shown and nothing else', async () => {
  const { code, stdout, stderr } = await run('forget', '--query', textOf(2), '--limit', '1');
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(`  ${idOf(2)}  2026-03-03 agent: ${textOf(2)}`);
  expect(stderr).toContain('add --yes');
  expect(await held()).toBe(118);
  expect(await forget('--query', textOf(2), '--limit', '1')).toMatchObject({ forgotten: 1 });
  expect(await held()).toBe(117);
});

test('what is wrong is told, and nothing happens', async () => {
  expect(await run('forget', idOf(3), 'nobody', '--yes')).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('forget: nothing is known of nobody'),
  });
  expect(await run('restore-memory', 'nobody')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('nothing is known of nobody'),
  });
  expect(await run('restore-memory', idOf(3))).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is not archived, its fate is hippocampal_retention'),
  });
  expect(await run('restore-memory', idOf(0))).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('was forgotten on request'),
  });
  expect(await forget(idOf(0))).toMatchObject({ forgotten: 0, already: 1, found: [] });
  expect(await held()).toBe(117);
});

test(
  'a worker that is killed again and again while it forgets leaves nothing half done',
  { timeout: 240_000 },
  async () => {
    const ids = lines.slice(10, 60).map(({ id }) => id ?? '');
    const before = (await held()) ?? 0;
    const forgetting = spawnBiomem(['forget', ...ids, '--yes', '--json'], { workspace });
    let killed = 0;
    // While the recall file is made, then while the database file is rewritten, and so once more.
    for (const made of ['dev.recall.next.duckdb', 'dev.duckdb.next', 'dev.duckdb.next']) {
      const begun = () => forgetting.exitCode !== null || existsSync(join(workspace, made));
      await expect.poll(begun, { timeout: 60_000, interval: 2 }).toBe(true);
      const last = workerPid();
      if (forgetting.exitCode !== null || last === undefined) break;
      process.kill(last, 'SIGKILL');
      killed += 1;
      const next = () => forgetting.exitCode !== null || ![last, undefined].includes(workerPid());
      await expect.poll(next, { timeout: 60_000 }).toBe(true);
    }
    expect(killed).toBeGreaterThan(0);
    const { exitCode, stdout } = await forgetting;
    expect([exitCode, (JSON.parse(stdout) as ForgetReceipt).found]).toEqual([0, []]);
    await run('cycle', 'run', '--as-of', '2026-03-05T03:00:00Z');
    expect(await held()).toBe(before - 50);
    expect(lines.slice(10, 60).flatMap(({ content }) => isInFiles(content))).toEqual([]);
  },
);

/** Of the worker that serves now. */
function workerPid(): number | undefined {
  return (JSON.parse(readFileSync(join(workspace, 'services.json'), 'utf8')) as Partial<State>).workers?.['dev']?.pid;
}

test('without a worker the command does it itself; when it is killed, the next one goes on', async () => {
  const before = (await held()) ?? 0;
  await running.interrupt();
  const ids = lines.slice(60, 110).map(({ id }) => id ?? '');
  for (const pause of [1_500, 3_000, 4_500]) {
    const child = spawnBiomem(['forget', ...ids, '--yes'], { workspace });
    await delay(pause);
    child.kill('SIGKILL');
    await child;
  }
  const receipt = await forget(idOf(111), ...ids);
  expect(receipt.found).toEqual([]);
  expect(receipt.forgotten + receipt.already).toBe(51);
  expect(await held()).toBe(before - 51);
  expect(lines.slice(60, 110).flatMap(({ content }) => isInFiles(content))).toEqual([]);
});
