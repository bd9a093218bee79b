import { setMaxListeners } from 'node:events';
import type { Models, Question } from './calls.ts';
import { listEmbeddings } from './embeddings.ts';
import { listGenerations } from './generations.ts';
import type { Job, Outcome } from './outcome.ts';

/**
 * Asks the models, as many questions at once as they take, and hands over each answer as it comes. One that does not fit its
 * schema is asked for once more, with the reason; nothing stands in for a second one, for NULL, or a guess, would be an
 * answer that nobody gave. After the first failure nothing new is asked, what is under way may end (it is paid for), and
 * that failure is thrown; but a question that may come to NULL, and has no answer for a reason of its own, is passed over, and the
 * others are asked. An aborted signal is not waited for.
 * @throws what the model throws, as it is; UnfitAnswer when the second answer does not fit either; ConfigurationError for a
 * schema that is none; the signal's reason
 */
export async function askModels(
  models: Models,
  questions: readonly Question[],
  outcome: Outcome,
  signal: AbortSignal,
): Promise<void> {
  const { model, embedding } = models;
  const jobs = [
    ...(model === null ? [] : await listGenerations(model, questions, outcome)),
    ...(embedding === null ? [] : listEmbeddings(embedding, questions, outcome)),
  ];
  const own = new AbortController();
  // Every call under way listens to it; Node takes more than ten listeners for a leak.
  setMaxListeners(0, own.signal);
  await untilAborted(signal, own, runJobs(jobs, Math.max(model?.parallel ?? 1, embedding?.parallel ?? 1), own.signal));
}

async function runJobs(jobs: readonly Job[], parallel: number, signal: AbortSignal): Promise<void> {
  const queue = jobs.values();
  const failures: unknown[] = [];
  const work = async () => {
    // The lanes share one iterator: each job is taken once.
    for (const job of queue) {
      if (failures.length > 0 || signal.aborted) return;
      await job(signal).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, jobs.length) }, work));
  if (failures.length > 0) throw failures[0];
}

/** Passes an abort on to the calls and ends at once, also when one of them does not listen. */
async function untilAborted(signal: AbortSignal, own: AbortController, work: Promise<void>): Promise<void> {
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => {
      own.abort(signal.reason);
      reject(signal.reason as Error);
    };
  });
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
    // Whichever of the two comes second has nobody left to tell.
    work.catch(() => undefined);
  }
}
