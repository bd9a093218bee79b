import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError, type Command } from 'commander';
import type { Client } from '../client.ts';
import type pg from 'pg';
import type { DreamReport, Night } from '../report/dream.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Services } from '../services/services.ts';
import type { JournalSummary } from '../source/journal.ts';
import {
  createContext,
  print,
  withClient,
  withServices,
  withSharedOptions,
  type Context,
  type SharedOptions,
} from './context.ts';

interface DreamOptions extends SharedOptions {
  readonly journal: string;
  readonly nights?: number;
  readonly serve?: boolean;
}

const ROOT = new URL('..', import.meta.url);
const SAMPLE = fileURLToPath(new URL('sample/journal.jsonl', ROOT));
/** Ids of each list that the summary gives; a few hundred bytes each. */
const LISTED = 1_000;

/** `biomem dream`: the tour, in a workspace of its own. */
export function addDream(program: Command): void {
  withSharedOptions(program.command('dream'))
    .description(
      'live through a journal, a full cycle a night, and show what was kept, what faded and what was learned',
    )
    .option('--journal <file>', 'a journal of JSON Lines', SAMPLE)
    .option('--nights <n>', 'spread this many nights evenly over the journal instead of one a day', parseNights)
    .option('--serve', 'stay up with worker and Web UI afterwards, until Ctrl-C')
    .addHelpText(
      'after',
      '\nThe workspace is emptied first (default: .biological-memory/dream).\n\nExample:\n  biomem dream --journal mine.jsonl --json',
    )
    .action(dream);
}

async function dream(options: DreamOptions): Promise<void> {
  const started = performance.now();
  const context = createTourContext(options);
  const now = new Date().toISOString();
  const { surveyJournal } = await import('../source/journal.ts');
  const journal = await surveyJournal(options.journal, now);
  journal.warnings.forEach(context.report);
  await emptyWorkspace(context);
  await withServices(context, async (services) => {
    const profile = context.profile(services);
    const tour = { context, services, profile, options, now };
    const { startWorkerProcess } = await import('./worker-process.ts');
    await refuseForeignWorker(context, services);
    const worker = await startWorkerProcess(context, services, folderOfProfiles(profile));
    try {
      const lived = await Promise.race([
        withJournal(tour, journal),
        worker.ended.then(() => {
          throw new Error('the worker ended');
        }),
      ]);
      const report: DreamReport = { ...lived, seconds: round((performance.now() - started) / 1000) };
      const { printDream } = await import('../report/dream.ts');
      print(context, report, () => printDream(report, { colour: useColour(), serving: options.serve ?? false }));
      if (options.serve) await untilInterrupted(context, services, worker.ended);
    } finally {
      await worker.stop();
    }
  });
}

interface Tour {
  readonly context: Context;
  readonly services: Services;
  readonly profile: Profile;
  readonly options: DreamOptions;
  readonly now: string;
}

/** The tour must never touch real data: its PostgreSQL is always its own, whatever the environment names. */
function createTourContext(options: DreamOptions): Context {
  const profilesDir = options.profilesDir ?? fileURLToPath(ROOT);
  const context = createContext({ ...options, profilesDir }, '.biological-memory/dream');
  const { POSTGRES_DB_URL, TEST_DATABASE_URL, ...env } = context.env;
  if (POSTGRES_DB_URL ?? TEST_DATABASE_URL)
    context.report('dream: the PostgreSQL of the environment is left alone; the tour has its own');
  return { ...context, env };
}

/** A fresh workspace each time; what a killed tour left running in it is ended first. */
async function emptyWorkspace({ workspace, report }: Context): Promise<void> {
  const { stopServices } = await import('../services/services.ts');
  await stopServices({ workspace, report });
  await rm(workspace, { recursive: true, force: true });
}

/** On a Temporal server that is not our own another worker would take our tasks and do them on its own data. */
async function refuseForeignWorker(context: Context, services: Services): Promise<void> {
  const [{ hasWorker, namespaceOf }, { prepareNamespace }, { ConfigurationError }] = await Promise.all([
    import('../client.ts'),
    import('../services/namespaces.ts'),
    import('../memory/errors.ts'),
  ]);
  const namespace = namespaceOf(context.target);
  const busy = await withClient(context, services.temporal.address, async (_, connection) => {
    await prepareNamespace({ connection, namespace });
    return hasWorker({ connection, namespace });
  });
  if (busy)
    throw new ConfigurationError(
      `a worker already serves namespace ${namespace} at ${services.temporal.address}: it would dream on its own data. ` +
        'Stop it, choose another --target, or unset TEMPORAL_ADDRESS to use an embedded server.',
    );
}

async function withJournal(tour: Tour, journal: JournalSummary): Promise<Omit<DreamReport, 'seconds'>> {
  const { withPostgres } = await import('./source.ts');
  return withPostgres(tour.services.postgres.url, (postgres) =>
    withClient(tour.context, tour.services.temporal.address, (temporal) => live(tour, journal, postgres, temporal)),
  );
}

/** Loads the journal and lives its nights, each seeing only what had been written by then. */
async function live(tour: Tour, journal: JournalSummary, postgres: pg.Client, temporal: Client) {
  const { context, services, profile, options, now } = tour;
  const [{ readJournal }, { createMemories }, source, { readChecksum }, { createProgress }] = await Promise.all([
    import('../source/journal.ts'),
    import('../source/memories.ts'),
    import('../source/tour.ts'),
    import('../client.ts'),
    import('./progress.ts'),
  ]);
  const { source: table, timezone } = profile.pipeline;
  await createMemories(postgres);
  await source.stageJournal(postgres, table, readJournal(options.journal, now));
  const daily = await source.listNights(postgres, table, timezone);
  const times = options.nights === undefined ? daily : source.spreadNights(daily, options.nights);
  const progress = createProgress('nights', times.length);
  const nights: Night[] = [];
  for (const [index, asOf] of times.entries()) {
    await source.liveUntil(postgres, table, times[index - 1] ?? null, asOf);
    nights.push(await liveNight(temporal, asOf));
    progress.advance(asOf.slice(0, 10));
  }
  progress.stop();
  const { memories, from, to } = journal;
  return {
    target: context.target,
    workspace: context.workspace,
    services: await describeServices(services),
    journal: { memories, from, to },
    nights,
    ...(await summarize(temporal, postgres, times.at(-1) ?? now)),
    checksum: (await readChecksum(temporal)).checksum,
  };
}

async function liveNight(temporal: Client, asOf: string): Promise<Night> {
  const { runCycle } = await import('../client.ts');
  const started = performance.now();
  const { workflowId, report } = await runCycle(temporal, { asOf });
  const seconds = round((performance.now() - started) / 1000);
  const count = (stage: (typeof report.stages)[number]['stage'], name: string) =>
    report.stages.find((done) => done.stage === stage)?.counts[name] ?? 0;
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
    workflowId,
    seconds,
  };
}

/** The worker says which memories; what they say is read where every client reads it, in schema dreams. */
async function summarize(temporal: Client, postgres: pg.Client, asOf: string) {
  const { readSummary } = await import('../client.ts');
  const { totals, kept, faded, learned } = await readSummary(temporal, { asOf, limit: LISTED });
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
  };
}

async function describeServices({ temporal, postgres, ollama }: Services): Promise<DreamReport['services']> {
  const { redactUrl } = await import('../services/services.ts');
  const { url, version, started } = postgres;
  return { temporal, postgres: { address: redactUrl(url), version, started }, ollama };
}

async function untilInterrupted(context: Context, services: Services, ended: Promise<void>): Promise<void> {
  context.report(
    `serving: Temporal at ${services.temporal.address}, Web UI ${services.temporal.ui ?? '(its own)'}; Ctrl-C ends it`,
  );
  const { interrupted } = await import('./interruption.ts');
  await Promise.race([interrupted(), ended]);
}

function folderOfProfiles({ file }: Profile): string {
  return dirname(file);
}

function parseNights(value: string): number {
  const nights = Number(value);
  if (Number.isInteger(nights) && nights >= 1 && nights <= 100_000) return nights;
  throw new InvalidArgumentError('expected a whole number from 1 to 100000');
}

function useColour(): boolean {
  return process.stdout.isTTY && !process.env['NO_COLOR'];
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
