import type { z } from 'zod';

/** One thing the pipeline asks of a reader of text: a prompt with its answer's schema and the rule that stands in. */
export interface Task<In, Out> {
  readonly name: string;
  /** Raised whenever the answers may change, so that rows made by an older version can be found and made anew. */
  readonly version: number;
  readonly answer: z.ZodType<Out>;
  /** The answer by rules alone: deterministic, synchronous, and it never throws, whatever the text. */
  readonly standIn: (input: In) => Out;
}

/** What came back, and who made it: `rules#<version>` or the model's name. */
export interface Answer<Out> {
  readonly value: Out;
  readonly madeBy: string;
}

/** The port: whoever can read text for the pipeline. */
export interface Llm {
  answer<In, Out>(task: Task<In, Out>, input: In): Promise<Answer<Out>>;
}
