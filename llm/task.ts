import type { z } from 'zod';
import type { Meter } from './meter.ts';

/**
 * One thing the pipeline asks of a reader of text: what a model is asked and how its answer is held in bounds, and the rules'
 * answer to fall back to. `Asked` is what the model answers with, when that is less than `Out`.
 */
export interface Task<In, Out, Asked = Out> {
  readonly name: string;
  /** Raised whenever what a model is asked may be answered differently, so that its older answers are made again. */
  readonly version: number;
  /** The same of the fallback: raised whenever the rules may answer differently. */
  readonly rulesVersion: number;
  readonly answer: z.ZodType<Out>;
  /** The answer by rules alone: deterministic, synchronous, and it never throws, whatever the text. */
  readonly fallback: (input: In) => Out;
  /** Which of the profile's models is asked: `extract` reads single texts, `generate` writes across many. */
  readonly role: 'extract' | 'generate';
  readonly asked: z.ZodType<Asked>;
  /** What is to be done with each of the inputs. */
  readonly instructions: string;
  /** One input as the prompt shows it; every text that somebody else wrote stands in a fence (fence.ts). */
  readonly render: (input: In) => string;
  /** Inputs in one prompt at most. */
  readonly batch: number;
  readonly rateLimit: RateLimit;
  /** Tokens of the answer about one input, as a rule. */
  readonly answerTokens: number;
  /** What is wrong with an answer of the right shape, as a sentence for the model; null when nothing is. */
  readonly complaint?: (asked: Asked, input: In) => string | null;
  /** The answer that is kept: what the model adds to the fallback's, no farther from it than the task allows. */
  readonly reconcile: (asked: Asked, fallback: Out, input: In) => Out;
}

/** How often a task may ask, so that a few texts do not cost a prompt each time that somebody looks whether there are any. */
export interface RateLimit {
  /** What has to keep to it: prompts that are not full (a full one may always go), or every prompt. */
  readonly of: 'partial' | 'every';
  /** Prompts that the task's step may make in thirty days for each memory that came in them, beside a first one. */
  readonly perMemory: number;
}

/** What came back, and who made it: `rules#<version>` or `ollama:<model>@<digest>#<task>.<version>`. */
export interface Answer<Out> {
  readonly value: Out;
  readonly madeBy: string;
  /** True when a model was asked and what it said could not be used, so that asking again may not help. */
  readonly unfit?: true;
}

/** The port: what can read text for the pipeline. */
export interface Reader {
  /** Whether a model is to be asked at all; false: rules read, and nothing waits for a model. */
  readonly asks: boolean;
  /** How a model's answers to the task would be signed now; null when no model answers. */
  sign<In, Out, Asked>(task: Task<In, Out, Asked>): Promise<string | null>;
  /**
   * One answer for each input, in their order: a model may be asked for several at once, while the meter allows. Rejects
   * with the signal's reason when it is cancelled.
   */
  answerMany<In, Out, Asked>(
    task: Task<In, Out, Asked>,
    inputs: readonly In[],
    signal: AbortSignal,
    meter?: Meter,
  ): Promise<Answer<Out>[]>;
}
