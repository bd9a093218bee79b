import type { Published } from '../recall/published.ts';
import { sourceAddress } from '../source/address.ts';
import type { Context } from './context.ts';

/** What the worker publishes here, and what is newer in the database of the agents' table. Neither is opened before it is asked for. */
export async function openPublished(context: Context): Promise<Published> {
  const [{ Meaning }, { SourceTable }, { recallFileOf }, { Published }, { openModels }, { openPostgres }] =
    await Promise.all([
      import('../recall/meaning.ts'),
      import('../recall/newer.source.ts'),
      import('../recall/paths.ts'),
      import('../recall/published.ts'),
      import('./models.ts'),
      import('./postgres.ts'),
    ]);
  const { report } = context;
  const profile = context.offlineProfile();
  const signal = new AbortController().signal;
  const { embedding } = await openModels(context, profile, { command: 'recall', signal, soon: true });
  const isPostgres = sourceAddress(profile) !== null;
  const table = isPostgres ? new SourceTable({ profile, postgres: openPostgres(context), report }) : null;
  const meaning = new Meaning(embedding, report);
  return new Published({ path: recallFileOf(profile, context.workspace), profile, meaning, table, report });
}
