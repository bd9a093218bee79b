import { batchesOf, isFiniteVector } from '../llm/embedding.ts';
import { isStillEmbedder, type EmbeddingModel } from '../llm/model.ts';
import { UnfitAnswer } from '../llm/model-error.ts';
import { ServiceError } from '../memory/errors.ts';
import type { CallAnswer, Job, Outcome } from './outcome.ts';
import { describeCall, type Question } from './calls.ts';

/** A request for each batch of questions that are answered by a vector. */
export function listEmbeddings(model: EmbeddingModel, questions: readonly Question[], { answered }: Outcome): Job[] {
  const asked = questions.filter(({ call }) => call.name === 'llm_embed');
  return batchesOf(asked).map((batch) => async (signal) => {
    const vectors = await embedBatch(model, batch, signal);
    const embedded = batch.map((question, index) => ({ question, vector: vectors[index] ?? new Float32Array() }));
    for (const { question, vector } of embedded.filter(({ vector }) => isFiniteVector(vector)))
      answered({
        key: question.key,
        model: question.model,
        value: Array.from(vector),
        promptTokens: 0,
        answerTokens: 0,
      });
    const unfit = embedded.find(({ vector }) => !isFiniteVector(vector))?.question;
    if (unfit !== undefined)
      throw new UnfitAnswer(
        `${describeCall(unfit.call)}: the vector of ${unfit.model} has a number that no FLOAT can hold, so it can be compared ` +
          `with none. Leave that text out, or name another model.`,
      );
  });
}

/** The model whose vectors for one statement are of two lengths, and what is to be said of it; null when they can be compared. */
export function findUneven(
  questions: readonly Question[],
  values: readonly (CallAnswer['value'] | null)[],
): { readonly model: string; readonly error: UnfitAnswer } | null {
  const lengths = new Set(values.flatMap((value) => (typeof value === 'object' && value !== null ? value.length : [])));
  const model = questions.find(({ call }) => call.name === 'llm_embed')?.model;
  if (lengths.size < 2 || model === undefined) return null;
  const numbers = [...lengths].sort((a, b) => a - b).join(' and ');
  const error = new UnfitAnswer(
    `llm_embed: ${model} gave vectors of ${numbers} numbers in one statement, and they cannot be compared. Its kept vectors are ` +
      `given up. Look whether one server with one model answers under that address and name, then run the statement again, or ` +
      `name another model (OLLAMA_EMBED_MODEL, pipeline.llm.embed)`,
  );
  return { model, error };
}

/** @throws ServiceError when it is not certain that the model whose vectors are wanted has made them */
async function embedBatch(
  model: EmbeddingModel,
  batch: readonly Question[],
  signal: AbortSignal,
): Promise<readonly Float32Array[]> {
  const identity = batch[0]?.model ?? '';
  const vectors = await model.embed(
    batch.map(({ call }) => call.prompt),
    signal,
  );
  if (vectors.length !== batch.length)
    throw new ServiceError(
      `llm_embed: expected ${String(batch.length)} vectors of ${identity}, got ${String(vectors.length)}`,
    );
  // For each batch, so that what is kept is certain whenever the statement ends: two small requests for 32 texts.
  const isStill = await isStillEmbedder(model, identity);
  signal.throwIfAborted();
  if (isStill) return vectors;
  throw new ServiceError(
    `llm_embed: ${identity} has been replaced on its server meanwhile, and the vectors of two models cannot be compared: run ` +
      `the statement again`,
  );
}
