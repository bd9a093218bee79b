import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DreamReport } from '../../report/dream.ts';
import type { State } from '../../services/state.ts';
import { clear, makeWorkspace } from '../services/support.ts';
import { biomem, biomemJson, findProcesses, spawnBiomem } from '../support/biomem.ts';
import { makeLines, writeJournal } from '../support/journal.ts';

const LINES = makeLines(20, 4);

let workspace: string;
let folder: string;
let journal: string;
let first: DreamReport;

beforeAll(async () => {
  workspace = await makeWorkspace();
  folder = await makeWorkspace();
  journal = await writeJournal(folder, 'journal.jsonl', LINES);
  first = await biomemJson<DreamReport>(['dream', '--journal', journal], { workspace });
});
afterAll(async () => {
  await clear(workspace);
  await clear(folder);
});

test('a shuffled journal gives the same state, and the report for a person names it', async () => {
  const shuffled = await writeJournal(
    folder,
    'shuffled.jsonl',
    LINES.map((_, index) => LINES[(index * 7) % 20]!),
  );
  const { code, stdout } = await biomem(['dream', '--journal', shuffled], { workspace });
  expect(code).toBe(0);
  expect(stdout).toContain(first.checksum);
  expect(stdout).toContain('2026-03-05');
  expect(stdout).not.toContain('\u001b');
});

test('after a kill -9 the next dream works, gives the same state, and no orphan of the first is left', async () => {
  const killed = spawnBiomem(['dream', '--journal', journal], { workspace });
  // In mid-run: the worker is up.
  const pids = await expect
    .poll(() => readPids(workspace), { timeout: 30_000, interval: 100 })
    .toHaveLength(3)
    .then(() => readPids(workspace));
  killed.kill('SIGKILL');
  await killed;
  const again = await biomemJson<DreamReport>(['dream', '--journal', journal], { workspace });
  expect(again.checksum).toBe(first.checksum);
  expect(again.nights).toHaveLength(4);
  expect(await findProcesses(workspace)).toEqual([]);
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('a journal without ids loads, and --nights spreads as many nights over it', async () => {
  const nameless = LINES.map(({ id: _, ...line }) => line);
  const file = await writeJournal(folder, 'nameless.jsonl', [...nameless, nameless[0]!]);
  const report = await biomemJson<DreamReport>(['dream', '--journal', file, '--nights', '3'], { workspace });
  expect(report.totals.memories).toBe(20);
  expect(report.nights.map(({ asOf }) => asOf)).toEqual([
    '2026-03-02T03:00:00.000Z',
    '2026-03-03T15:00:00.000Z',
    '2026-03-05T03:00:00.000Z',
  ]);
  expect(report.nights.reduce((sum, { ingested }) => sum + ingested, 0)).toBe(20);
});

/** Pids of the servers and the worker, as far as the state file names them. */
async function readPids(place: string): Promise<number[]> {
  const text = await readFile(join(place, 'services.json'), 'utf8').catch(() => '{}');
  const { temporal, postgres, workers } = JSON.parse(text) as Partial<State>;
  return [temporal, postgres, workers?.['dev']].flatMap((entry) => (entry === undefined ? [] : [entry.pid]));
}
