import type { EmbeddingModel } from '../llm/model.ts';
import { messageOf } from '../memory/errors.ts';
import { MOST_CHARACTERS } from './question.ts';

/** Turns a question into a vector of length 1; null where it has no meaning to compare. */
export type EmbedQuestion = (text: string) => Promise<Float32Array | null>;

/** Questions whose vectors are kept: an agent asks the same again within a task, and to embed one takes half of the time of a recall. */
const MOST_KEPT = 500;

/** What turns texts into vectors for recall. What it cannot do is said once, and words do the work. */
export class Meaning {
  readonly #model: EmbeddingModel | null;
  readonly #report: (line: string) => void;
  /** By model and question. */
  readonly #questions = new Map<string, Float32Array | null>();
  #said = false;

  constructor(model: EmbeddingModel | null, report: (line: string) => void) {
    [this.#model, this.#report] = [model, report];
  }

  /** Name and digest of the model; null where there is none. */
  async identify(): Promise<string | null> {
    try {
      return (await this.#model?.identify('embed')) ?? null;
    } catch (error) {
      return this.#goWithout(messageOf(error));
    }
  }

  /**
   * One vector of length 1 for each text, to be compared with those that `kept` has made (name and digest): vectors of two models cannot
   * be. Null without a model, or with another one. A text that has no direction has a vector of zeros.
   */
  async embed(texts: readonly string[], kept: string | null): Promise<Float32Array[] | null> {
    if (this.#model === null || kept === null) return null;
    try {
      const identity = await this.#model.identify('embed');
      if (identity !== kept) return this.#goWithout(`the memories were embedded by ${kept}, and ${identity} answers`);
      const vectors = await this.#model.embed(
        texts.map((text) => text.toWellFormed()),
        new AbortController().signal,
      );
      return vectors.map(toUnitLength);
    } catch (error) {
      return this.#goWithout(messageOf(error));
    }
  }

  /** Embeds questions, each once. */
  questionsFor(kept: string | null): EmbedQuestion {
    return async (question) => {
      const text = question.slice(0, MOST_CHARACTERS).toWellFormed();
      if (text.trim() === '') return null;
      const key = JSON.stringify([kept, text]);
      const seen = this.#questions.get(key);
      if (seen !== undefined) return seen;
      const vectors = await this.embed([text], kept);
      if (vectors === null) return null;
      const made = vectors[0]?.some((number) => number !== 0) === true ? vectors[0] : null;
      if (this.#questions.size >= MOST_KEPT) this.#questions.delete(this.#questions.keys().next().value ?? '');
      this.#questions.set(key, made);
      return made;
    };
  }

  #goWithout(why: string): null {
    if (!this.#said) this.#report(`recall: found by words alone: ${why}`);
    this.#said = true;
    return null;
  }
}

function toUnitLength(vector: Float32Array): Float32Array {
  const norm = Math.hypot(...vector);
  return vector.map((number) => (norm > 0 && Number.isFinite(norm) ? number / norm : 0));
}
