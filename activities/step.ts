import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { z } from 'zod';
import { forgetTables } from '../duckdb/attachment.ts';
import type { Database, DuckDBConnection } from '../duckdb/database.ts';
import { runFile, type Parameter, type Row } from '../duckdb/statement.ts';
import { transact } from '../duckdb/transaction.ts';
import type { Embedder } from '../llm/embedder.ts';
import type { Reader } from '../llm/task.ts';
import { rules } from '../llm/rules.ts';
import type { Progress } from '../memory/progress.ts';
import type { Counts, StepInput } from '../memory/types.ts';
import { hashParameters } from '../profiles/parameter-hash.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Postgres } from '../source/pool.ts';
import { noUsage, openUsage, type StepUsage } from './usage.ts';

/** What activities work with; made once, by the worker. */
export interface Dependencies {
  readonly database: Database;
  readonly reader: Reader;
  /** Null where memories are not embedded. */
  readonly embedder: Embedder | null;
  readonly profile: Profile;
  /** Connections to the database that results are written back to. */
  readonly postgres: Postgres;
  /** A line for the person who watches the worker. */
  readonly report: (line: string) => void;
  /** Where readers find what a cycle has made; null: it is not published. */
  readonly recallFile: string | null;
  /** Rewrites the database file without what is left in it of deleted rows; null: it is in memory. */
  readonly rewrite: (() => Promise<void>) | null;
}

/** One attempt at some work: it ends when the signal is aborted, and is taken for alive as long as it beats. */
export interface Attempt {
  readonly signal: AbortSignal;
  readonly beat: (details?: unknown) => void;
  /** What each beat tells. */
  progress?: Progress;
}

/** The attempt of an activity, for what runs in one. */
export function attemptOfActivity(): Attempt {
  return { signal: cancellationSignal(), beat: heartbeat };
}

/** One run of one step: a connection, the time, and the verbs that its body needs. */
export interface StepContext extends Dependencies {
  readonly connection: DuckDBConnection;
  readonly input: StepInput;
  /** Aborted when the activity is cancelled. */
  readonly signal: AbortSignal;
  /** What the step asks of a model, on the cycle's budget. */
  readonly usage: StepUsage;
  /** False in a rehearsal, where nothing may leave the transaction. */
  readonly commits: boolean;
  /** Says how far it is to whoever waits for the cycle. */
  readonly tell: (progress: Progress) => void;
  /** Runs `<name>.sql` beside the activities; `$as_of`, `$cycle_id` and `$step` are always bound. */
  readonly run: (name: string, extra?: Record<string, Parameter>) => Promise<Row[]>;
  /** Commits what the body did, at once: a retry continues after it. Within a rehearsal nothing is committed. */
  readonly commit: <T>(body: () => Promise<T>) => Promise<T>;
}

/** A step of a stage: first chunks that commit one by one, then the rest, committed together with the ledger row. */
export interface Step {
  readonly name: string;
  readonly prepare?: (context: StepContext) => Promise<void>;
  readonly finish: (context: StepContext) => Promise<Counts>;
}

const HEARTBEAT_MS = 2_000;
const ledgerRow = z.object({ counts: z.string().nullable(), noted: z.boolean() });
const changedSchema = z.object({ Count: z.coerce.number() });
const countsSchema = z.record(z.string(), z.number());

/**
 * Runs a step once per cycle: what the ledger already holds is answered from it, so a retry, a reset or a second attempt
 * changes nothing. Cancelling the activity interrupts the SQL.
 */
export async function runStep(
  dependencies: Dependencies,
  step: Step,
  input: StepInput,
  attempt = attemptOfActivity(),
): Promise<Counts> {
  return useInterruptibly(dependencies.database, attempt, async (connection) => {
    await forgetTables(connection, dependencies.profile);
    const context = await createContext(dependencies, connection, step, input, attempt, true);
    const { done, noted } = await readLedger(context);
    if (done === undefined) {
      context.usage.waiting = 0;
      context.usage.waitingForEmbedding = 0;
      if (!noted) await context.run('publish.note-cycle');
      await step.prepare?.(context);
    }
    const counts = done ?? (await context.commit(() => finish(context, step)));
    // Not in the ledger: what a model took is not the same twice.
    return { ...counts, ...context.usage.count() };
  });
}

/**
 * Runs steps in one transaction that is rolled back at the end: what would happen, and nothing happens. Rules read and nothing
 * is embedded, since what a model answers would be paid for and thrown away.
 */
export async function rehearseSteps(
  dependencies: Dependencies,
  steps: readonly Step[],
  input: StepInput,
): Promise<Record<string, Counts>> {
  const attempt = attemptOfActivity();
  return useInterruptibly(dependencies.database, attempt, async (connection) => {
    await forgetTables(connection, dependencies.profile);
    const reader = dependencies.reader.asks ? rules : dependencies.reader;
    const counts: Record<string, Counts> = {};
    const rehearse = async () => {
      for (const step of steps) {
        const context = await createContext(
          { ...dependencies, reader, embedder: null },
          connection,
          step,
          input,
          attempt,
          false,
        );
        await step.prepare?.(context);
        counts[step.name] = await finish(context, step);
      }
    };
    await transact(connection, rehearse, { keep: false });
    return counts;
  });
}

/** The first row of a counting statement, as numbers. */
export function readCounts(rows: Row[]): Counts {
  return countsSchema.parse(rows[0] ?? {});
}

/** Rows that the step has passed over, the last time included. */
export async function countRejected(run: StepContext['run']): Promise<number> {
  return readCounts(await run('rejected.count'))['rejected'] ?? 0;
}

/** What was asked about, beside its answer. */
export function zip<A, B>(asked: readonly A[], answers: readonly B[]): (readonly [A, B])[] {
  return asked.flatMap((each, index) => answers.slice(index, index + 1).map((answer) => [each, answer] as const));
}

/** How many rows an insert, update or delete touched, from the row that DuckDB answers. */
export function countChanged(rows: Row[]): number {
  return changedSchema.parse(rows[0]).Count;
}

async function readLedger({ run }: StepContext): Promise<{ done: Counts | undefined; noted: boolean }> {
  const { counts, noted } = ledgerRow.parse((await run('ledger.read'))[0]);
  return { done: counts === null ? undefined : countsSchema.parse(JSON.parse(counts)), noted };
}

async function finish(context: StepContext, step: Step): Promise<Counts> {
  const counted = await step.finish(context);
  const rejected = await countRejected(context.run);
  const counts = rejected > 0 ? { ...counted, rejected } : counted;
  const parameters = hashParameters(context.profile.pipeline);
  await context.run('ledger.write', { counts: JSON.stringify(counts), parameters });
  return counts;
}

async function createContext(
  dependencies: Dependencies,
  connection: DuckDBConnection,
  step: Step,
  input: StepInput,
  attempt: Attempt,
  commits: boolean,
): Promise<StepContext> {
  const { signal } = attempt;
  const { llm } = dependencies.profile.pipeline;
  const run = runner(connection, { as_of: input.asOf, cycle_id: input.asOf, step: step.name });
  const asks = dependencies.reader.asks || dependencies.embedder !== null;
  const usage = asks ? await openUsage(run, llm.budget) : noUsage();
  const transacted = <T>(body: () => Promise<T>) =>
    transact(connection, async () => {
      const result = await body();
      await usage.save();
      return result;
    });
  return {
    ...dependencies,
    ...{ connection, input, signal, usage, commits, run },
    tell: (progress) => {
      attempt.progress = progress;
    },
    commit: (body) => (commits ? transacted(body) : body()),
  };
}

/** Beats while the body runs. */
export async function beating<T>({ beat }: Attempt, body: () => Promise<T>): Promise<T> {
  const timer = setInterval(beat, HEARTBEAT_MS);
  try {
    return await body();
  } finally {
    clearInterval(timer);
  }
}

/** Lends a connection whose SQL ends when the activity is cancelled. */
export function useInterruptibly<T>(
  database: Database,
  attempt: Attempt,
  body: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  return database.use((connection) => interruptible(connection, attempt, () => body(connection)));
}

/** Runs the `.sql` files beside the activities, with values that are always bound. */
export function runner(connection: DuckDBConnection, bound: Record<string, Parameter>): StepContext['run'] {
  return (name, extra = {}) => runFile(connection, new URL(`./${name}.sql`, import.meta.url), { ...bound, ...extra });
}

/** Beats while the body runs and interrupts its SQL when the attempt is to end. */
async function interruptible<T>(connection: DuckDBConnection, attempt: Attempt, body: () => Promise<T>): Promise<T> {
  const { signal, beat } = attempt;
  const interrupt = () => {
    connection.interrupt();
  };
  const timer = setInterval(() => {
    const { progress } = attempt;
    beat({ percentage: connection.progress.percentage, ...(progress && { progress }) });
  }, HEARTBEAT_MS);
  signal.addEventListener('abort', interrupt);
  try {
    signal.throwIfAborted();
    return await body();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', interrupt);
  }
}
