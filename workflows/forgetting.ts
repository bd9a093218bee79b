import type { ForgetOutcome, RestoreOutcome } from '../memory/types.ts';
import { executeStage } from './exclusive.ts';
import { invalid, parseAsOf, parseObject } from './input.ts';
import { store } from './proxies.ts';

/** Of one request: they are written into the history of its run. */
const MOST_IDS = 10_000;

/** Erases memories everywhere, between two steps of a cycle if one runs. */
export async function forget(input?: unknown): Promise<ForgetOutcome> {
  const { ids, asOf } = parseObject('input', input, ['ids', 'asOf']);
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > MOST_IDS || !ids.every(isId))
    throw invalid(`expected ids to be a list of 1 to ${String(MOST_IDS)} ids of memories`);
  return store.forgetMemories({ ids, asOf: parseAsOf(asOf) });
}

/** Brings an archived memory back, and gives it to readers at once. */
export async function restoreMemory(input?: unknown): Promise<RestoreOutcome> {
  const { id, asOf: given } = parseObject('input', input, ['id', 'asOf']);
  if (!isId(id)) throw invalid('expected id to be the id of a memory');
  const asOf = parseAsOf(given);
  const outcome = await store.restoreMemory({ id, asOf });
  // A cycle that writes back just now takes it along.
  if (outcome.status === 'restored') await executeStage('writeBack', { asOf, dryRun: false, limits: {} });
  return outcome;
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
