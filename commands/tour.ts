import type pg from 'pg';
import { ServiceError } from '../memory/errors.ts';
import type { Client } from '../client.ts';
import type { Profile } from '../profiles/profile.ts';
import { redactAddress } from '../profiles/redact.ts';
import type { DreamReport, Night } from '../report/dream.ts';
import type { Services } from '../services/services.ts';
import type { JournalSummary } from '../source/journal.ts';
import type { Context } from '../program/context.ts';
import { withClient } from '../program/temporal.ts';

/** Ids of each list that the summary gives; a few hundred bytes each. */
const LISTED = 1_000;

/** A journal about to be lived through. */
export interface Tour {
  readonly context: Context;
  readonly services: Services;
  readonly profile: Profile;
  readonly journal: { readonly file: string; readonly nights: number | undefined; readonly summary: JournalSummary };
  readonly now: string;
  /** Aborted, with the reason, when the tour cannot go on: Ctrl-C, or a worker that cannot be kept alive. */
  readonly signal: AbortSignal;
}

/** Loads the journal and lives its nights, each seeing only what had been written by then. */
export async function liveJournal(tour: Tour): Promise<Omit<DreamReport, 'seconds'>> {
  const { withPostgres } = await import('../program/source.ts');
  return withPostgres(tour.services.postgres.url, (postgres) =>
    withClient(tour.context, tour.services.temporal.address, (temporal) => live(tour, postgres, temporal)),
  );
}

async function live({ context, services, profile, journal, now, signal }: Tour, postgres: pg.Client, temporal: Client) {
  const [{ readJournal }, { openTable }, source, { readChecksum }, { createProgress }] = await Promise.all([
    import('../source/journal.ts'),
    import('../source/memories.ts'),
    import('../source/tour.ts'),
    import('../client.ts'),
    import('./progress.ts'),
  ]);
  const { timezone } = profile.pipeline;
  const table = await openTable(postgres, profile);
  await source.stageJournal(postgres, table, readJournal(journal.file, now));
  const daily = await source.listNights(postgres, table, timezone);
  const times = journal.nights === undefined ? daily : source.spreadNights(daily, journal.nights);
  const progress = createProgress('nights', times.length);
  const nights: Night[] = [];
  for (const [index, asOf] of times.entries()) {
    await source.liveUntil(postgres, table, times[index - 1] ?? null, asOf);
    signal.throwIfAborted();
    nights.push(await liveNight(temporal, asOf, signal));
    progress.advance(asOf.slice(0, 10));
  }
  progress.stop();
  const { memories, from, to } = journal.summary;
  return {
    target: context.target,
    workspace: context.workspace,
    services: await describeServices(context, services),
    journal: { memories, from, to },
    nights,
    ...(await summarize(temporal, postgres, times.at(-1) ?? now)),
    checksum: (await readChecksum(temporal)).checksum,
  };
}

async function liveNight(temporal: Client, asOf: string, signal: AbortSignal): Promise<Night> {
  const { runCycle } = await import('../client.ts');
  const started = performance.now();
  const { workflowId, report } = await runCycle(temporal, { asOf }, { signal });
  if (report.status !== 'done')
    throw new ServiceError(`${workflowId}: ${report.status}; somebody else runs cycles here`);
  const seconds = round((performance.now() - started) / 1000);
  const count = (stage: (typeof report.stages)[number]['stage'], name: string) =>
    report.stages.find((done) => done.stage === stage)?.counts[name] ?? 0;
  const sum = (name: string) => report.stages.reduce((total, { counts }) => total + (counts[name] ?? 0), 0);
  return {
    asOf,
    ingested: count('ingest', 'ingested') + count('ingest', 'changed'),
    attended: count('workingMemory', 'attended'),
    episodes: count('shortTermMemory', 'episodes'),
    replayed: count('consolidation', 'replayed'),
    transferred: count('consolidation', 'transferred'),
    retained: count('consolidation', 'retained'),
    fading: count('consolidation', 'fading'),
    forgotten: count('consolidation', 'forgotten'),
    associations: count('shortTermMemory', 'associations'),
    insights: count('longTermMemory', 'gists') + count('longTermMemory', 'insights'),
    writtenBack: count('writeBack', 'rows'),
    modelCalls: sum('model_calls'),
    modelUnfit: sum('model_unfit'),
    workflowId,
    seconds,
  };
}

/** The worker says which memories; what they say is read where every client reads it, in schema dreams. */
async function summarize(temporal: Client, postgres: pg.Client, asOf: string) {
  const { readSummary } = await import('../client.ts');
  const { totals, kept, faded, learned, readers, embedders } = await readSummary(temporal, { asOf, limit: LISTED });
  const memories = await postgres.query<{ id: string; content: string }>(
    'select memory_id as id, content from dreams.long_term_memories where memory_id = any ($1)',
    [[...kept, ...faded].map(({ id }) => id)],
  );
  const insights = await postgres.query<{ id: string; content: string; from: string[]; made_by: string }>(
    'select insight_id as id, content, memory_ids as from, made_by from dreams.memory_insights where insight_id = any ($1)',
    [learned],
  );
  const contents = new Map(memories.rows.map(({ id, content }) => [id, content]));
  const lessons = new Map(
    insights.rows.map((row) => [row.id, { content: row.content, from: row.from, madeBy: row.made_by }]),
  );
  const withContent = (list: typeof kept) =>
    list.map((memory) => ({ ...memory, content: contents.get(memory.id) ?? '' }));
  return {
    totals,
    kept: withContent(kept),
    faded: withContent(faded),
    learned: learned.flatMap((id) => lessons.get(id) ?? []),
    readers,
    embedders,
  };
}

async function describeServices(
  context: Context,
  { temporal, postgres, ollama }: Services,
): Promise<DreamReport['services']> {
  const { url, version, started } = postgres;
  const namespace = (await context.namespace()).name;
  return { temporal: { ...temporal, namespace }, postgres: { address: redactAddress(url), version, started }, ollama };
}

export function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
