import { Meter } from '../llm/meter.ts';

/** Why a question by itself has no answer: its answer, or its prompt. Anything else is about the server, and every other one. */
export type Miss = 'unfit' | 'empty' | 'too long' | 'refused';

/** Measures what statements ask of a model, and how their answers came out. */
export class SqlMeter extends Meter {
  /** How many answers ended unfinished by how many tokens, though nobody had asked for so few. */
  readonly cuts = new Map<number, number>();
  /** Answers that could have come to NULL, cached ones too. */
  nullable = 0;
  /** Those that did, by why, with what was said of the first. */
  readonly nulls = new Map<Miss, { readonly answers: number; readonly first: string }>();

  /** Counts an answer that was given although it was cut off after so many tokens. */
  countCut(tokens: number): void {
    this.cuts.set(tokens, (this.cuts.get(tokens) ?? 0) + 1);
  }

  /** Counts an answer that came to NULL. */
  countNull(why: Miss, message: string): void {
    const { answers = 0, first = message } = this.nulls.get(why) ?? {};
    this.nulls.set(why, { answers: answers + 1, first });
  }
}
