import type { z } from 'zod';

/**
 * One thing the pipeline asks of a reader of text: what a model is asked and how its answer is held in bounds, and the rule
 * that stands in for it. `Asked` is what the model answers with, when that is less than `Out`.
 */
export interface Task<In, Out, Asked = Out> {
  readonly name: string;
  /** Raised whenever the answers may change, so that rows made by an older version can be found and made anew. */
  readonly version: number;
  readonly answer: z.ZodType<Out>;
  /** The answer by rules alone: deterministic, synchronous, and it never throws, whatever the text. */
  readonly standIn: (input: In) => Out;
  /** Which of the profile's models is asked: `extract` reads single texts, `generate` writes across many. */
  readonly model: 'extract' | 'generate';
  readonly asked: z.ZodType<Asked>;
  /** The prompt; every text that somebody else wrote stands in a fence (fence.ts). */
  readonly render: (input: In) => string;
  /** What is wrong with an answer of the right shape, as a sentence for the model; null when nothing is. */
  readonly complaint?: (asked: Asked, input: In) => string | null;
  /** The answer that is kept: what the model adds to the stand-in's, no farther from it than the task allows. */
  readonly reconcile: (asked: Asked, standIn: Out, input: In) => Out;
}

/** What came back, and who made it: `rules#<version>` or `ollama:<model>@<digest>#<task>.<version>`. */
export interface Answer<Out> {
  readonly value: Out;
  readonly madeBy: string;
}

/** The port: whoever can read text for the pipeline. */
export interface Llm {
  /**
   * One answer for each input, in their order: a model may be asked for several at once. Rejects with the signal's reason
   * when it is cancelled.
   */
  answerMany<In, Out, Asked>(
    task: Task<In, Out, Asked>,
    inputs: readonly In[],
    signal: AbortSignal,
  ): Promise<Answer<Out>[]>;
}
