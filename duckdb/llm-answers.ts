import { askModel, type Answer } from '../llm/ask.ts';
import { readCalls, type Question } from '../llm/calls.ts';
import type { Model } from '../llm/model.ts';
import { ConfigurationError } from '../memory/errors.ts';
import { LlmCache, type Lend } from './llm-cache.ts';
import type { Resolve, Usage } from './llm-session.ts';

/** Where the answers of the LLM functions come from: the cache, else the model. */
export class LlmAnswers {
  #cache: Promise<LlmCache> | undefined;

  /** `limit` in bytes; without a model whatever is asked is refused. */
  constructor(
    private readonly lend: Lend,
    private readonly model: Model | null,
    private readonly limit: number,
  ) {}

  readonly resolve: Resolve = async (calls, signal, usage) => {
    const { model } = this;
    if (model === null)
      throw new ConfigurationError(
        `${calls[0]?.name ?? 'llm_generate'}: there is no model to ask. Set OLLAMA_URL, or pipeline.llm.url in the profile, ` +
          `to the address of an Ollama such as http://127.0.0.1:11434.`,
      );
    const questions = await readCalls(model, calls, signal);
    const cache = await (this.#cache ??= LlmCache.open(this.lend, this.limit));
    const values = await cache.lookUp(questions.map(({ key }) => key));
    usage.calls += questions.length;
    usage.cached += questions.filter(({ key }) => values.has(key)).length;
    await ask({ model, cache, values, usage, signal }, questions);
    return new Map(
      questions.flatMap(({ call, key }) => {
        const value = values.get(key);
        return value === undefined ? [] : [[call, value] as const];
      }),
    );
  };
}

interface Asking {
  readonly model: Model;
  readonly cache: LlmCache;
  readonly values: Map<string, Answer['value']>;
  readonly usage: Usage;
  readonly signal: AbortSignal;
}

/** Asks what the cache lacks, each question once; what was answered is kept, also when another question fails. */
async function ask({ model, cache, values, usage, signal }: Asking, questions: readonly Question[]): Promise<void> {
  const missing = new Map(questions.filter(({ key }) => !values.has(key)).map((question) => [question.key, question]));
  if (missing.size === 0) return;
  try {
    await askModel(
      model,
      [...missing.values()],
      {
        answered: (answer) => {
          values.set(answer.key, answer.value);
          cache.keep(answer);
        },
        spent: ({ promptTokens, answerTokens }) => {
          usage.promptTokens += promptTokens;
          usage.answerTokens += answerTokens;
        },
      },
      signal,
    );
  } finally {
    await cache.settle();
  }
}
