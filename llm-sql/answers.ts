import { meterEmbedding, meterModel } from '../llm/meter.ts';
import { askModels } from './ask.ts';
import type { LlmCache } from './cache.ts';
import { readCalls, type Models, type Question } from './calls.ts';
import { findUneven } from './embeddings.ts';
import type { SqlMeter } from './meter.ts';
import type { Resolve, Value } from './passes.ts';

/** Finds answers of LLM functions in the cache, else by asking a model; what is asked of one that is not there is refused. */
export function createResolve(models: Models, cache: LlmCache): Resolve {
  return async (calls, signal, meter, earlier = []) => {
    const questions = await readCalls(models, calls, signal);
    const values: Map<string, Value> = await cache.lookUp(questions.map(({ key }) => key));
    meter.countCached(questions.filter(({ key }) => values.has(key)).length);
    meter.nullable += questions.filter(({ nullable }) => nullable).length;
    const metered = {
      model: models.model && meterModel(models.model, meter),
      embedding: models.embedding && meterEmbedding(models.embedding, meter),
    };
    await ask(metered, { cache, values, meter, signal }, questions);
    await refuseUneven(cache, questions, [...earlier, ...values.values()]);
    return new Map(
      questions.flatMap(({ call, key }) => {
        const value = values.get(key);
        return value === undefined ? [] : [[call, value] as const];
      }),
    );
  };
}

/** Where answers go to. */
interface Books {
  readonly cache: LlmCache;
  readonly values: Map<string, Value>;
  readonly meter: SqlMeter;
  readonly signal: AbortSignal;
}

/** Asks what the cache lacks, each question once; what was answered is kept, also when another question fails. */
async function ask(
  models: Models,
  { cache, values, meter, signal }: Books,
  questions: readonly Question[],
): Promise<void> {
  const missing = new Map<string, Question>();
  for (const question of questions.filter(({ key }) => !values.has(key))) {
    // Of two calls that ask the same, the one that is to fail does.
    const nullable = question.nullable && (missing.get(question.key)?.nullable ?? true);
    missing.set(question.key, { ...question, nullable });
  }
  if (missing.size === 0) return;
  const outcome: Parameters<typeof askModels>[2] = {
    answered: (answer, cutAt) => {
      values.set(answer.key, answer.value);
      cache.keep(answer);
      if (cutAt !== undefined) meter.countCut(cutAt);
    },
    // Not kept: another model, or the same one loaded in another way, may answer.
    passOver: ({ key }, why, { message }) => {
      values.set(key, null);
      meter.countNull(why, message);
    },
  };
  try {
    await askModels(models, [...missing.values()], outcome, signal);
  } finally {
    await cache.flush();
  }
}

/** What of a model's vectors is kept is given up where they are of two lengths: one that has been put right is asked again. */
async function refuseUneven(cache: LlmCache, questions: readonly Question[], values: readonly Value[]): Promise<void> {
  const uneven = findUneven(questions, values);
  if (uneven === null) return;
  await cache.forgetVectors(uneven.model);
  throw uneven.error;
}
