import type { ModelError } from '../llm/model-error.ts';
import type { Question } from './calls.ts';
import type { Miss } from './meter.ts';

/** What a question was answered with: a text, or for `llm_embed` a vector. */
export interface CallAnswer {
  readonly key: string;
  readonly model: string;
  readonly value: string | readonly number[];
  readonly promptTokens: number;
  readonly answerTokens: number;
}

/** Hears how each question came out. */
export interface Outcome {
  /** `cutAt`: the tokens after which the answer ends unfinished, though its call names no num_predict. */
  readonly answered: (answer: CallAnswer, cutAt?: number) => void;
  /** Of a question that may come to NULL: it has no usable answer. */
  readonly passOver: (question: Question, why: Miss, error: ModelError) => void;
}

/** One request to the model, or one that is repeated once. */
export type Job = (signal: AbortSignal) => Promise<void>;
