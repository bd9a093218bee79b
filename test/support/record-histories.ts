import { rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { CYCLE_ID } from '../../workflows/names.ts';
import { clear, makeWorkspace } from '../services/support.ts';
import { biomemJson } from './biomem.ts';
import { makeLines, writeJournal } from './journal.ts';
import { startUp } from './running.ts';

// Records the histories that test/workflows/replay.test.ts replays: npx tsx test/support/record-histories.ts 0.1.0
// To be run once for each released version; what is recorded is never changed.
const version = process.argv[2] ?? '';
if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`expected a version such as 0.1.0, got "${version}"`);

const workspace = await makeWorkspace();
try {
  const journal = await writeJournal(workspace, 'journal.jsonl', makeLines(20, 3));
  const running = await startUp(workspace);
  await biomemJson(['schedules', 'delete'], { workspace });
  await biomemJson(['remember', '--file', journal], { workspace });
  const run = (...args: string[]) => biomemJson<{ workflowId: string }>(['cycle', 'run', ...args], { workspace });
  const cycle = await run('--as-of', '2026-03-02T03:00:00Z');
  await save('memory-cycle', cycle.workflowId);
  await save('memory-cycle-as-child', CYCLE_ID);
  await save('working-memory-as-child', 'memory-working-memory');
  await save('dry-run', (await run('--as-of', '2026-03-03T03:00:00Z', '--dry-run')).workflowId);
  await save('dry-run-as-child', CYCLE_ID);
  await save('ingest', (await run('--as-of', '2026-03-03T03:00:00Z', '--stage', 'ingest')).workflowId);
  await save('ingest-as-child', 'memory-ingest');
  await running.interrupt();

  async function save(name: string, workflowId: string): Promise<void> {
    const history = historyToJSON(await running.client.workflow.getHandle(workflowId).fetchHistory());
    // Who ran it is nobody's business.
    const text = JSON.stringify(JSON.parse(history), null, 1).replaceAll(hostname(), 'host');
    await writeFile(new URL(`../histories/${name}.${version}.json`, import.meta.url), `${text}\n`);
  }
} finally {
  await clear(workspace);
  await rm(workspace, { recursive: true, force: true });
}
