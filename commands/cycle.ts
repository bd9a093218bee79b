import { InvalidArgumentError, type Command } from 'commander';
import { describeProgress, type Progress } from '../memory/progress.ts';
import { describeRetry, type Retry } from '../memory/retry.ts';
import { parseTime } from '../memory/time.ts';
import {
  STAGES,
  type CycleInput,
  type CycleReport,
  type RejectedRow,
  type Stage,
  type StageReport,
} from '../memory/types.ts';
import { createContext, type SharedOptions } from '../program/context.ts';
import { print, withSharedOptions } from './options.ts';
import { temporalAddress, withClient } from '../program/temporal.ts';

interface RunOptions extends SharedOptions {
  readonly asOf?: string;
  readonly stage?: Stage;
  readonly dryRun?: boolean;
  readonly wait: boolean;
}

/** Cycles listed by `cycle status`. */
const LISTED = 10;

/** `biomem cycle run` and `cycle status`, through Temporal. */
export function addCycle(program: Command): void {
  const cycle = program
    .command('cycle')
    .description('run a memory cycle through Temporal, or look at the last ones')
    .addHelpText('after', '\nExample:\n  biomem cycle run --dry-run');
  withSharedOptions(cycle.command('run'))
    .description('run a cycle, wait for its end and print what it did')
    .option('--as-of <time>', 'the logical time, ISO 8601 with a zone (default: now)', readTime)
    .option('--stage <name>', `one stage alone: ${STAGES.join(', ')}`, parseStage)
    .option('--dry-run', 'count what would happen and change nothing')
    .option('--no-wait', 'print the workflow id and leave')
    .addHelpText('after', '\nExample:\n  biomem cycle run --as-of 2026-03-05T03:00:00Z --json')
    .action(run);
  withSharedOptions(cycle.command('status'))
    .description('the last cycles, newest first')
    .addHelpText('after', '\nExample:\n  biomem cycle status')
    .action(status);
}

async function run(options: RunOptions): Promise<void> {
  const context = createContext(options);
  const { requireWorker, runCycle, runStage, startCycle } = await import('../client.ts');
  const asOf = options.asOf ?? new Date().toISOString();
  const input: CycleInput = {
    asOf,
    dryRun: options.dryRun ?? false,
    ...(options.stage && { stages: [options.stage] }),
  };
  const retried = (retry: Retry) => {
    context.report(`cycle: ${describeRetry(retry)}`);
  };
  const lived = (progress: Progress) => {
    context.report(`cycle: ${describeProgress(progress)}`);
  };
  const told = { retried, lived };
  await withClient(context, await temporalAddress(context), async (client, temporal) => {
    const { namespace } = temporal;
    await requireWorker(temporal);
    if (!options.wait) {
      const workflowId = await startCycle(client, input);
      print(context, { workflowId, asOf, namespace }, () => workflowId);
    } else if (options.stage !== undefined) {
      const { stages: _, ...stageInput } = input;
      const { workflowId, report } = await runStage(client, options.stage, stageInput, told);
      print(context, { workflowId, asOf, namespace, ...report }, () => printStage(report));
    } else {
      const { workflowId, report } = await runCycle(client, input, told);
      print(context, { workflowId, namespace, ...report }, () => printCycle(workflowId, report));
    }
  });
}

async function status(options: SharedOptions): Promise<void> {
  const context = createContext(options);
  const { listCycles } = await import('../client.ts');
  await withClient(context, await temporalAddress(context), async (client, { namespace }) => {
    const cycles = await listCycles(client, LISTED);
    const lines = cycles.map(
      ({ workflowId, status, startTime, closeTime }) =>
        `${status.padEnd(10)}  ${startTime.toISOString()}  ${seconds(startTime, closeTime).padStart(8)}  ${workflowId}`,
    );
    print(context, { cycles, namespace }, () => (lines.length > 0 ? lines.join('\n') : 'no cycle has run yet'));
  });
}

function printCycle(workflowId: string, { status, asOf, stages }: CycleReport): string {
  return [`${workflowId}: ${status}, as of ${asOf}`, ...stages.map(printStage)].join('\n');
}

function printStage({ stage, status, counts, rejected = [] }: StageReport): string {
  const numbers = Object.entries(counts).map(([name, count]) => `${name} ${String(count)}`);
  const line = `  ${stage.padEnd(16)} ${status === 'done' ? numbers.join(', ') : status}`;
  const named = rejected.reduce((sum, { rows }) => sum + rows, 0);
  const more = (counts['rejected'] ?? 0) - named;
  // A rehearsal counts them and puts back what it noted.
  const rest = more > 0 && named > 0 ? [`    and ${String(more)} more; all are in dreams.rejected_rows`] : [];
  return [line, ...rejected.map(printRejected), ...rest].join('\n');
}

function printRejected({ id, column, reason, rows }: RejectedRow): string {
  const who = id === null ? `${String(rows)} without an id` : `id ${id}`;
  return `    passed over: ${who}: ${column} ${reason}`;
}

function seconds(start: Date, end: Date | null): string {
  return end === null ? 'running' : `${((end.getTime() - start.getTime()) / 1000).toFixed(2)} s`;
}

function readTime(value: string): string {
  try {
    return parseTime(value);
  } catch (error) {
    throw new InvalidArgumentError(`expected ${(error as RangeError).message}`);
  }
}

function parseStage(value: string): Stage {
  const stage = STAGES.find((name) => name === value);
  if (stage !== undefined) return stage;
  throw new InvalidArgumentError(`expected one of ${STAGES.join(', ')}`);
}
