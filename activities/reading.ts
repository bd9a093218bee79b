import { z } from 'zod';
import { cancellable } from '../llm/cancel.ts';
import type { Answer, Task } from '../llm/task.ts';
import { rules, signRules, UnreadableText } from '../llm/rules.ts';
import { READ_CHARACTERS } from '../text/sentences.ts';
import { noteRejected, type Rejected } from './rejected.ts';
import { countChanged, countRejected, zip, type StepContext } from './step.ts';

/** What a task is asked about, what with, and where the answers go. */
export interface Reading<In, Row extends In & { readonly id: string }, Out, Asked> {
  readonly task: Task<In, Out, Asked>;
  /**
   * A statement that creates the temporary table `unread` (id, why, place from 1): first whatever has no answer yet (`new`),
   * then what another version of the rules answered (`obsolete`) and what a model is to answer again (`waiting`), in the
   * order in which it is to be done. `$signature` is how a model would sign now, null when none answers.
   */
  readonly stage: string;
  /** A statement that gives `unread` after `$after`, `$limit` at most; what is `waiting` only if `$asks`. */
  readonly select: string;
  readonly row: z.ZodType<Row>;
  /** Rows between two commits when rules read. */
  readonly ofRules: number;
  readonly write: (context: StepContext, read: readonly Read<Row, Out>[]) => Promise<unknown>;
}

/** A row, its answer, and who made it. */
export type Read<Row, Out> = readonly [Row, Answer<Out>];

type RateLimited = Pick<Task<never, unknown, unknown>, 'batch' | 'rateLimit'>;

const rateLimitRow = z.object({ prompts: z.number() });
const placed = z.object({ place: z.number(), why: z.enum(['new', 'obsolete', 'waiting']) });

/** Answers without use after which a model is not asked about a text any more; another one starts afresh. */
export const MOST_TRIES = 3;

/**
 * What a model is asked about between two commits: two batches for each of its parallel calls. What they cost is lost with a
 * killed worker.
 */
export function chunkSize({ profile }: Pick<StepContext, 'profile'>, batch: number): number {
  return 2 * batch * profile.pipeline.llm.parallel;
}

/**
 * Answers all that is new; then has a model answer, while the task's rate limit and the budget allow, what rules or another model
 * answered before. Each row is come to once, so a model that fails ends no later than one that does not. Commits in chunks.
 */
export async function readAll<In, Row extends In & { readonly id: string }, Out, Asked>(
  context: StepContext,
  reading: Reading<In, Row, Out, Asked>,
): Promise<void> {
  const { task, row, write } = reading;
  const { reader, run, usage, signal } = context;
  const sign = () => cancellable(reader.sign(task), signal);
  const signature = await sign();
  const bound = { task: task.name, rules: signRules(task), signature, most_tries: MOST_TRIES };
  // `unread` is numbered from 1: its last place is how many there are, which DuckDB tells of a table that it makes.
  const total = countChanged(await run(reading.stage, bound));
  await run('reading.forget-unfit', bound);
  // Without the task, which another one of the step may follow.
  if (signature !== null) usage.model = signature.slice(0, signature.lastIndexOf('#'));
  const due = signature === null ? total : await countDue(context, task, total);
  const ofModel = chunkSize(context, task.batch);
  const rows = z.array(z.intersection(row, placed));
  const rejected: Rejected[] = [];
  let byModel = 0;
  for (let after = 0; after < total;) {
    const isDue = after < due;
    const asks = isDue && signature !== null && !usage.meter.exhausted && (await sign()) === signature;
    const limit = asks ? Math.min(ofModel, due - after) : reading.ofRules;
    const chunk = rows.parse(await run(reading.select, { after, limit, asks, read_characters: READ_CHARACTERS }));
    if (chunk.length === 0) break;
    const chosen = isDue ? reader : rules;
    const ask = (rows: typeof chunk) => chosen.answerMany<In, Out, Asked>(task, rows, signal, usage.meter);
    const read = await readEach(chunk, ask, rejected);
    byModel += read.filter(([, { madeBy }]) => madeBy !== bound.rules).length;
    // The rules' answer to what they, or another model, have answered already is no news.
    const kept = read.filter(([{ why }, { madeBy }]) => why !== 'waiting' || madeBy !== bound.rules);
    const unfit = read.filter(([, answer]) => answer.unfit).map(([{ id }]) => id);
    usage.unfit += unfit.length;
    await context.commit(async () => {
      if (kept.length > 0) await write(context, kept);
      if (unfit.length > 0) await run('reading.note-unfit', { ...bound, ids: JSON.stringify(unfit) });
    });
    after = chunk.at(-1)?.place ?? after;
  }
  if (reader.asks) usage.waiting += total - byModel;
  // A commit waits for the disk: none is made for the night's four tasks as long as every text can be read.
  if (rejected.length > 0 || (await countRejected(run)) > 0)
    await context.commit(() => noteRejected(run, task.name, rejected));
}

type Ask<Row, Out> = (rows: Row[]) => Promise<Answer<Out>[]>;

/** All rows together; when there is one among them that cannot be read, each by itself, so that it alone is passed over. */
async function readEach<Row extends { readonly id: string }, Out>(
  rows: Row[],
  ask: Ask<Row, Out>,
  rejected: Rejected[],
): Promise<Read<Row, Out>[]> {
  try {
    return zip(rows, await ask(rows));
  } catch (error) {
    if (!(error instanceof UnreadableText)) throw error;
    const [row, ...others] = rows;
    if (row !== undefined && others.length === 0) {
      rejected.push({ id: row.id, reason: error.message });
      return [];
    }
    const read: Read<Row, Out>[] = [];
    for (const each of rows) read.push(...(await readEach([each], ask, rejected)));
    return read;
  }
}

/** How many of so many texts, from the first, a model is asked about now; the others wait until they fill a prompt. */
async function countDue({ run, usage }: StepContext, task: RateLimited, total: number): Promise<number> {
  const { batch, rateLimit } = task;
  const [row] = await run('reading.rate-limit', { per_memory: rateLimit.perMemory, reader: usage.model });
  const { prompts } = rateLimitRow.parse(row);
  if (rateLimit.of === 'every') return Math.min(total, Math.max(0, Math.floor(prompts)) * batch);
  const full = Math.floor(total / batch);
  return prompts - full >= 1 ? total : full * batch;
}
