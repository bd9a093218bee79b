import type { DatabaseHeldError } from '../../duckdb/database.ts';
import { withClient } from '../../program/temporal.ts';
import { fail, oneLine, originOf, pass, timed, type Check, type Subject } from './check.ts';

/** While a worker holds the file no other process can open it, not even to read: it is asked, over Temporal. */
export async function askWorker(subject: Subject, held: DatabaseHeldError): Promise<Check> {
  const { context, services, hide } = subject;
  const origin = originOf(context.location, 'path');
  const holder = `held by ${held.program} (pid ${String(held.pid)})`;
  if (services?.workers[context.target]?.pid !== held.pid || services.temporal.address === null)
    return fail('Connection', 'Connection test', 'held', {
      detail: `${held.path} is ${holder}, which is not this workspace's worker.`,
      ...origin,
      hint: 'end that process: one process owns a database file at a time.',
    });
  try {
    const { value, ms } = await timed(() => countMemories(subject, services.temporal.address ?? ''));
    const detail = `${holder}, the worker; asked, it holds ${String(value)} memories`;
    return pass('Connection', 'Connection test', 'connection ok', { detail, ms, ...origin });
  } catch (error) {
    return fail('Connection', 'Connection test', 'no answer', {
      detail: `${held.path} is ${holder}, the worker, which does not answer: ${hide(oneLine(error))}`,
      ...origin,
      hint: 'restart it: biomem up.',
    });
  }
}

async function countMemories({ context }: Subject, address: string): Promise<number> {
  const { readSummary, requireWorker } = await import('../../client.ts');
  return withClient(context, address, async (client, temporal) => {
    await requireWorker(temporal);
    const { totals } = await readSummary(client, { asOf: new Date().toISOString(), limit: 1 });
    return totals.memories;
  });
}
