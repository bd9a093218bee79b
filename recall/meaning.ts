import type { EmbeddingModel } from '../llm/model.ts';
import { messageOf } from '../memory/errors.ts';
import { MOST_CHARACTERS } from './question.ts';

/** Turns a question into a vector of length 1; null where it has no meaning to compare. */
export type EmbedQuestion = (text: string) => Promise<Float32Array | null>;

/** Questions whose vectors are kept: an agent asks the same again within a task, and to embed one takes half of the time of a recall. */
const MOST_KEPT = 500;

/**
 * Embeds questions for a file whose vectors `kept` has made (name and digest). Vectors of two models cannot be compared, so with
 * another model, or without one, there is none; `report` hears why, once.
 */
export function embedQuestions(
  model: EmbeddingModel | null,
  kept: string | null,
  report: (line: string) => void,
): EmbedQuestion {
  const vectors = new Map<string, Float32Array | null>();
  let said = false;
  const withoutMeaning = (why: string) => {
    if (!said) report(`recall: found by words alone: ${why}`);
    said = true;
    return null;
  };
  return async (question) => {
    const text = question.slice(0, MOST_CHARACTERS).toWellFormed();
    if (model === null || kept === null || text.trim() === '') return null;
    const seen = vectors.get(text);
    if (seen !== undefined) return seen;
    try {
      const identity = await model.identify('embed');
      if (identity !== kept) return withoutMeaning(`the memories were embedded by ${kept}, and ${identity} answers`);
      const [vector] = await model.embed([text], new AbortController().signal);
      const norm = Math.hypot(...(vector ?? []));
      const made = vector === undefined || !(norm > 0) ? null : vector.map((number) => number / norm);
      if (vectors.size >= MOST_KEPT) vectors.delete(vectors.keys().next().value ?? '');
      vectors.set(text, made);
      return made;
    } catch (error) {
      return withoutMeaning(messageOf(error));
    }
  };
}
