import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { DreamReport } from '../report/dream.ts';
import type { ServicesStatus } from '../services/status.ts';
import { runBiomem, withFolder } from './biomem.ts';
import { writeSyntheticJournal } from './journal.ts';

const SIZES = [400, 40_000];
/** Memories written on one day. */
const A_DAY = 200;

/** Events of one cycle's Temporal histories (its own and its stages') for a small and for a large night. */
export async function run(): Promise<unknown> {
  const nights = [];
  for (const memories of SIZES) nights.push(await withFolder((folder, place) => measure(folder, place, memories)));
  return { nights, same: new Set(nights.map(({ events }) => events)).size === 1 };
}

async function measure(folder: string, workspace: string, memories: number) {
  const journal = join(folder, 'journal.jsonl');
  await writeSyntheticJournal(journal, { count: memories, days: memories / A_DAY });
  const { nights } = await runBiomem<DreamReport>([
    'dream',
    '--workspace',
    workspace,
    '--journal',
    journal,
    '--nights',
    '1',
  ]);
  // The servers' data is still there: their histories can be read once they are up again.
  const { temporal } = await runBiomem<ServicesStatus>(['services', 'up', '--workspace', workspace]);
  const [night] = nights;
  const events = await countEvents(temporal.address ?? '', night?.workflowId ?? '');
  return { memories, ingested: night?.ingested, seconds: night?.seconds, events };
}

async function countEvents(address: string, workflowId: string): Promise<number> {
  const connection = await Connection.connect({ address });
  try {
    return await countWithChildren(new Client({ connection, namespace: 'biological-memory-dev' }), workflowId);
  } finally {
    await connection.close();
  }
}

async function countWithChildren(client: Client, workflowId: string): Promise<number> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  let count = events?.length ?? 0;
  for (const { startChildWorkflowExecutionInitiatedEventAttributes: child } of events ?? [])
    if (child?.workflowId) count += await countWithChildren(client, child.workflowId);
  return count;
}
