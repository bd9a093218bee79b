import { askModel, findUneven } from '../llm/ask.ts';
import { cancellable } from '../llm/cancel.ts';
import { keyOf, readCalls, type Question } from '../llm/calls.ts';
import { meterModel, type Meter } from '../llm/meter.ts';
import { withCalls, type Generation, type GenerateRequest, type Model } from '../llm/model.ts';
import { ConfigurationError } from '../memory/errors.ts';
import { LlmCache, type Lend } from './llm-cache.ts';
import type { Resolve, Value } from './llm-session.ts';

/** Where answers come from, those of the LLM functions and those of whoever asks the model itself: the cache, else the model. */
export class LlmAnswers {
  #cache: Promise<LlmCache> | undefined;

  /** `limit` in bytes; without a model whatever is asked is refused. */
  constructor(
    private readonly lend: Lend,
    private readonly model: Model | null,
    private readonly limit: number,
  ) {}

  readonly resolve: Resolve = async (calls, signal, meter, earlier = []) => {
    const { model } = this;
    if (model === null)
      throw new ConfigurationError(
        `${calls[0]?.name ?? 'llm_generate'}: there is no model to ask. Set OLLAMA_URL, or pipeline.llm.url in the profile, ` +
          `to the address of an Ollama such as http://127.0.0.1:11434.`,
      );
    const questions = await readCalls(model, calls, signal);
    const cache = await this.#openCache();
    const values: Map<string, Value> = await cache.lookUp(questions.map(({ key }) => key));
    meter.countCached(questions.filter(({ key }) => values.has(key)).length);
    meter.nullable += questions.filter(({ nullable }) => nullable).length;
    await ask({ model: meterModel(model, meter), cache, values, meter, signal }, questions);
    await refuseUneven(cache, questions, [...earlier, ...values.values()]);
    return new Map(
      questions.flatMap(({ call, key }) => {
        const value = values.get(key);
        return value === undefined ? [] : [[call, value] as const];
      }),
    );
  };

  /** The model, so that it answers from the cache what it has been asked before; null without one. */
  get kept(): Model | null {
    const { model } = this;
    return model && withCalls(model, { generate: (request, signal) => this.#generate(model, request, signal) });
  }

  async #generate(model: Model, request: GenerateRequest, signal: AbortSignal): Promise<Generation> {
    const identity = await cancellable(model.identify('generate', request.options.model), signal);
    // A key of its own: who asks the model itself checks the answers itself, and may find that one does not fit.
    const key = keyOf('model', request, { identity, room: model.room });
    const cache = await this.#openCache();
    const known = (await cache.lookUp([key])).get(key);
    if (typeof known === 'string') return { text: known, promptTokens: 0, answerTokens: 0, cached: true };
    const { text, ...tokens } = await model.generate(request, signal);
    cache.keep({ key, model: identity, value: text.toWellFormed(), ...tokens });
    await cache.settle();
    return { text, ...tokens };
  }

  #openCache(): Promise<LlmCache> {
    const opened = (this.#cache ??= LlmCache.open(this.lend, this.limit));
    // One that could not be opened now may be later.
    opened.catch(() => {
      if (this.#cache === opened) this.#cache = undefined;
    });
    return opened;
  }
}

interface Asking {
  readonly model: Model;
  readonly cache: LlmCache;
  readonly values: Map<string, Value>;
  readonly meter: Meter;
  readonly signal: AbortSignal;
}

/** Asks what the cache lacks, each question once; what was answered is kept, also when another question fails. */
async function ask({ model, cache, values, meter, signal }: Asking, questions: readonly Question[]): Promise<void> {
  const missing = new Map<string, Question>();
  for (const question of questions.filter(({ key }) => !values.has(key))) {
    // Of two calls that ask the same, the one that is to fail does.
    const nullable = question.nullable && (missing.get(question.key)?.nullable ?? true);
    missing.set(question.key, { ...question, nullable });
  }
  if (missing.size === 0) return;
  try {
    await askModel(
      model,
      [...missing.values()],
      {
        settle: (answer, cutAt) => {
          values.set(answer.key, answer.value);
          cache.keep(answer);
          if (cutAt !== undefined) meter.countCut(cutAt);
        },
        // Not kept: another model, or the same one loaded in another way, may answer.
        passOver: ({ key }, why, { message }) => {
          values.set(key, null);
          meter.countNull(why, message);
        },
      },
      signal,
    );
  } finally {
    await cache.settle();
  }
}

/** What of a model's vectors is kept is given up where they are of two lengths: one that has been put right is asked anew. */
async function refuseUneven(cache: LlmCache, questions: readonly Question[], values: readonly Value[]): Promise<void> {
  const uneven = findUneven(questions, values);
  if (uneven === null) return;
  await cache.forgetVectors(uneven.model);
  throw uneven.error;
}
