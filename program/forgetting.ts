import { ConfigurationError } from '../memory/errors.ts';
import type { ForgetReceipt, RestoreOutcome } from '../memory/types.ts';
import type { Services } from '../services/services.ts';
import type { Context } from './context.ts';
import { runErrand } from './errand.ts';

/** A memory that was brought back. */
export type Restored = Pick<Extract<RestoreOutcome, { status: 'restored' }>, 'fate' | 'retrievability'>;

/** @throws ConfigurationError for an id that nobody knows: then nothing was erased */
export async function forgetMemories(
  context: Context,
  postgres: Services['postgres'],
  ids: readonly string[],
): Promise<ForgetReceipt> {
  if (ids.length === 0) throw new ConfigurationError('forget: expected the id of a memory, got none');
  const input = { ids: [...new Set(ids)], asOf: new Date().toISOString() };
  const outcome = await runErrand(context, postgres, {
    name: 'forget',
    work: async (dependencies, attempt) =>
      (await import('../activities/forget.ts')).forgetMemories(dependencies, input, attempt),
    ask: async (client) => (await import('../client.ts')).runForget(client, input),
  });
  if (outcome.status === 'forgotten') return outcome.receipt;
  const [first, ...others] = outcome.ids;
  throw new ConfigurationError(
    `forget: nothing is known of ${first ?? ''}${others.length === 0 ? '' : ` and ${String(others.length)} more`}, neither in the ` +
      `agents' table nor here, so nothing was erased. It takes whole ids, as biomem recall shows them of what it finds.`,
  );
}

/** @throws ConfigurationError for a memory that is not archived */
export async function restoreMemory(context: Context, postgres: Services['postgres'], id: string): Promise<Restored> {
  const input = { id, asOf: new Date().toISOString() };
  const outcome = await runErrand(context, postgres, {
    name: 'restore-memory',
    work: async (dependencies, attempt) => {
      const [restore, { runStep }, { writeBackDreams }, { publishRecall }] = await Promise.all([
        import('../activities/restore.ts'),
        import('../activities/step.ts'),
        import('../activities/write-back.ts'),
        import('../activities/publish.ts'),
      ]);
      const restored = await restore.restoreMemory(dependencies, input, attempt);
      const step = { asOf: input.asOf, dryRun: false, limits: {} };
      if (restored.status === 'restored')
        for (const each of [writeBackDreams, publishRecall]) await runStep(dependencies, each, step, attempt);
      return restored;
    },
    ask: async (client) => (await import('../client.ts')).runRestore(client, input),
  });
  if (outcome.status === 'restored') return { fate: outcome.fate, retrievability: outcome.retrievability };
  throw new ConfigurationError(`restore-memory: ${describeRefusal(id, outcome)}`);
}

function describeRefusal(id: string, outcome: Exclude<RestoreOutcome, { status: 'restored' }>): string {
  switch (outcome.status) {
    case 'unknown':
      return `nothing is known of ${id}, or its row is no longer in the agents' table`;
    case 'forgotten':
      return `${id} was forgotten on request: what is erased cannot be brought back`;
    case 'not archived':
      return outcome.fate === null
        ? `${id} has no fate yet, so it is not archived`
        : `${id} is not archived, its fate is ${outcome.fate}`;
  }
}
