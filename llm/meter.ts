import { withCalls, type EmbeddingModel, type Generation, type Model } from './model.ts';
import { ModelError } from './model-error.ts';

/** What a model may be asked for, and what it was asked for. */
export interface Usage {
  readonly calls: number;
  /** Of the calls, those that the server failed: no answer came. */
  readonly failed: number;
  /** Answers that were kept from an earlier call: they cost nothing, and no budget counts them. */
  readonly cached: number;
  readonly promptTokens: number;
  readonly answerTokens: number;
  /** Calls for vectors, of up to 32 texts each; the budget does not bound them. */
  readonly embedCalls: number;
  /** Seconds in which at least one call was under way. */
  readonly seconds: number;
}

/** The most that one cycle may take of a model; tokens are those of prompts and answers together. */
export interface Budget {
  readonly calls: number;
  readonly tokens: number;
  readonly seconds: number;
}

const NOTHING: Usage = { calls: 0, failed: 0, cached: 0, promptTokens: 0, answerTokens: 0, embedCalls: 0, seconds: 0 };
const BOUNDLESS: Budget = {
  calls: Number.POSITIVE_INFINITY,
  tokens: Number.POSITIVE_INFINITY,
  seconds: Number.POSITIVE_INFINITY,
};

/**
 * Measures calls to a model against a budget. A call is let begin while something is left; what it takes is known at its
 * end only, so tokens and seconds may go over by what the calls under way take.
 */
export class Meter {
  #ended: Usage;
  #underWay = 0;
  #since = 0;

  /** `spent` is what the same budget has paid for already. */
  constructor(
    private readonly budget: Budget = BOUNDLESS,
    spent: Usage = NOTHING,
  ) {
    this.#ended = spent;
  }

  /** What was spent so far, with what had been spent before. */
  get used(): Usage {
    const running = this.#underWay > 0 ? (performance.now() - this.#since) / 1000 : 0;
    return { ...this.#ended, seconds: this.#ended.seconds + running };
  }

  get exhausted(): boolean {
    const { calls, promptTokens, answerTokens, seconds } = this.used;
    const { budget } = this;
    return calls >= budget.calls || promptTokens + answerTokens >= budget.tokens || seconds >= budget.seconds;
  }

  /** Whether the time is used up, which is all that embedding takes of the budget. */
  get overtime(): boolean {
    return this.used.seconds >= this.budget.seconds;
  }

  /** Makes a call and measures it; one that fails counts as a call, and its time counts. */
  async measure(call: () => Promise<Generation>): Promise<Generation> {
    // Counted before it is answered: else all that run at once would find the last one free.
    this.#add({ calls: 1 });
    const generation = await this.#time(call).catch((error: unknown) => {
      if (error instanceof ModelError) this.#add(error.ofServer ? { failed: 1 } : (error.spent ?? {}));
      throw error;
    });
    const { cached, promptTokens, answerTokens } = generation;
    this.#add(cached ? { calls: -1, cached: 1 } : { promptTokens, answerTokens });
    return generation;
  }

  /** The same for a call that gives vectors. */
  async measureEmbedding<T>(call: () => Promise<T>): Promise<T> {
    this.#add({ embedCalls: 1 });
    return this.#time(call);
  }

  /** Counts answers that needed no call. */
  countCached(cached: number): void {
    this.#add({ cached });
  }

  async #time<T>(call: () => Promise<T>): Promise<T> {
    if (this.#underWay === 0) this.#since = performance.now();
    this.#underWay += 1;
    try {
      return await call();
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#add({ seconds: (performance.now() - this.#since) / 1000 });
    }
  }

  #add(used: Partial<Usage>): void {
    const { calls = 0, failed = 0, cached = 0, promptTokens = 0, answerTokens = 0, embedCalls = 0, seconds = 0 } = used;
    const ended = this.#ended;
    this.#ended = {
      calls: ended.calls + calls,
      failed: ended.failed + failed,
      cached: ended.cached + cached,
      promptTokens: ended.promptTokens + promptTokens,
      answerTokens: ended.answerTokens + answerTokens,
      embedCalls: ended.embedCalls + embedCalls,
      seconds: ended.seconds + seconds,
    };
  }
}

/** The model, each call to which for a text the meter measures. */
export function meterModel(model: Model, meter: Meter): Model {
  return withCalls(model, { generate: (...asked) => meter.measure(() => model.generate(...asked)) });
}

/** The same of a model that embeds. */
export function meterEmbedding(model: EmbeddingModel, meter: Meter): EmbeddingModel {
  const { runner, parallel } = model;
  return {
    ...{ runner, parallel },
    identify: (...asked) => model.identify(...asked),
    embed: (...asked) => meter.measureEmbedding(() => model.embed(...asked)),
  };
}
