import { join } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { emptyTourWorkspace, requireOwnDatabase, tourWorkspace } from '../program/tour-workspace.ts';
import { InterruptedError } from '../program/interruption.ts';
import { ConfigurationError } from '../memory/errors.ts';
import type { DreamReport } from '../report/dream.ts';
import { withoutPostgres } from '../services/postgres-variable.ts';
import type { Services } from '../services/services.ts';
import type { JournalSummary } from '../source/journal.ts';
import { createContext, OWN_PROFILES, withServices, type Context, type SharedOptions } from '../program/context.ts';
import { print, useColour, withSharedOptions } from './options.ts';
import { describeNamespace, withClient } from '../program/temporal.ts';

interface DreamOptions extends SharedOptions {
  readonly journal: string;
  readonly nights?: number;
  readonly serve?: boolean;
}

const SAMPLE = join(OWN_PROFILES, 'sample', 'journal.jsonl');

/** `biomem dream`: the tour, in a workspace of its own. */
export function addDream(program: Command): void {
  withSharedOptions(program.command('dream'), 'dream in BIOLOGICAL_MEMORY_DIR, else in .biological-memory')
    .description(
      'live through a journal, a full cycle a night, and show what was kept, what faded and what was learned',
    )
    .addOption(new Option('--journal <file>', 'a journal of JSON Lines').default(SAMPLE, 'the sample'))
    .option('--nights <n>', 'spread this many nights evenly over the journal instead of one a day', parseNights)
    .option('--serve', 'stay up with worker and Web UI afterwards, until Ctrl-C')
    .addHelpText(
      'after',
      '\nThe workspace is emptied first; one that is no tour\'s is refused.\n\nA line of a journal: {"id"?, "content", "created_at"?, "updated_at"?, "tags"?, "context"?, "metadata"?},\ntimes with a zone, such as 2026-03-01T09:30:00Z. One bad line refuses the whole journal.\n\nExample:\n  biomem dream --journal mine.jsonl --json',
    )
    .action(dream);
}

async function dream(options: DreamOptions): Promise<void> {
  const started = performance.now();
  const context = createTourContext(options);
  const now = new Date().toISOString();
  const journal = {
    file: options.journal,
    nights: options.nights,
    summary: await survey(context, options.journal, now),
  };
  // A configured server that does not answer ends the tour before its folder is touched.
  const { configuredTemporal } = await import('../services/configured.ts');
  await configuredTemporal(context.env)?.ask();
  await emptyTourWorkspace(context);
  await withServices(context, async (services, interruption) => {
    const profile = context.profile(services);
    requireOwnDatabase(profile, context.workspace);
    await refuseForeignWorker(context, services);
    const [{ prepareSource }, { startWorkerProcess }, { liveJournal, round }, { printDream }] = await Promise.all([
      import('../program/source.ts'),
      import('./worker-process.ts'),
      import('./tour.ts'),
      import('../report/dream.ts'),
    ]);
    await prepareSource(context, services.postgres);
    const worker = await startWorkerProcess(context, services);
    try {
      const signal = abortOn(interruption, worker.ended);
      const lived = await liveJournal({ context, services, profile, journal, now, signal });
      const report: DreamReport = { ...lived, seconds: round((performance.now() - started) / 1000) };
      print(context, report, () => printDream(report, { colour: useColour(), serving: options.serve ?? false }));
      if (options.serve) await serve(context, services, Promise.race([interruption, worker.ended]));
    } finally {
      await worker.stop();
    }
  });
}

/** Aborted by Ctrl-C, or by the reason why the worker cannot be kept alive. */
function abortOn(interruption: Promise<void>, ended: Promise<void>): AbortSignal {
  const controller = new AbortController();
  const interrupt = () => {
    controller.abort(new InterruptedError('stopped by Ctrl-C; nothing is left running'));
  };
  interruption.then(interrupt, interrupt);
  ended.catch((reason: unknown) => {
    controller.abort(reason);
  });
  return controller.signal;
}

/** Checks the whole journal before anything is started. */
async function survey(context: Context, file: string, now: string): Promise<JournalSummary> {
  const { surveyJournal } = await import('../source/journal.ts');
  const summary = await surveyJournal(file, now);
  if (summary.memories === 0) throw new ConfigurationError(`${file}: expected a memory in each line, got none`);
  summary.warnings.forEach(context.report);
  return summary;
}

/** The tour must never touch real data: its PostgreSQL is always its own, whatever the environment names. */
function createTourContext(options: DreamOptions): Context {
  // Its own profiles.yml knows nothing of the profile that DBT_PROFILE or a dbt_project.yml here may name.
  const own = { profilesDir: OWN_PROFILES, profile: 'biological_memory' };
  const chosen = options.profilesDir === undefined ? { ...own, ...options } : options;
  const context = createContext({ ...chosen, workspace: tourWorkspace(options.workspace, process.env) });
  const { env, named } = withoutPostgres(context.env);
  if (named) context.report('dream: the PostgreSQL of the environment is left alone; the tour has its own');
  return { ...context, env };
}

/** On a Temporal server that is not our own another worker would take our tasks and do them on its own data. */
async function refuseForeignWorker(context: Context, services: Services): Promise<void> {
  const [{ hasWorker }, { prepareNamespace }] = await Promise.all([
    import('../client.ts'),
    import('../services/namespaces.ts'),
  ]);
  const namespace = await context.namespace();
  const busy = await withClient(context, services.temporal.address, async (_, temporal) => {
    await prepareNamespace({ ...temporal, target: context.target });
    return hasWorker(temporal);
  });
  if (busy)
    throw new ConfigurationError(
      `a worker already serves ${describeNamespace(namespace)} at ${services.temporal.address}: it would dream on its own data. ` +
        'Stop it, choose another --target, or unset TEMPORAL_ADDRESS to use an embedded server.',
    );
}

/** Stays up until Ctrl-C, which is how a tour that serves is meant to end. */
async function serve(context: Context, services: Services, end: Promise<void>): Promise<void> {
  const { describeAccess } = await import('./access.ts');
  (await describeAccess(context, services)).forEach(context.report);
  await end;
}

function parseNights(value: string): number {
  const nights = Number(value);
  if (Number.isInteger(nights) && nights >= 1 && nights <= 100_000) return nights;
  throw new InvalidArgumentError('expected a whole number from 1 to 100000');
}
