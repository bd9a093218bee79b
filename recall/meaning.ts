import type { EmbeddingModel } from '../llm/model.ts';
import { messageOf } from '../memory/errors.ts';
import { MOST_CHARACTERS } from './question.ts';

/** Turns a question into a vector of length 1; null where it has no meaning to compare. */
export type EmbedQuestion = (text: string) => Promise<Float32Array | null>;

/**
 * Embeds questions for a file whose vectors `kept` has made (name and digest). Vectors of two models cannot be compared, so with
 * another model, or without one, there is none; `report` hears why, once.
 */
export function embedQuestions(
  model: EmbeddingModel | null,
  kept: string | null,
  report: (line: string) => void,
): EmbedQuestion {
  let said = false;
  const withoutMeaning = (why: string) => {
    if (!said) report(`recall: found by words alone: ${why}`);
    said = true;
    return null;
  };
  return async (text) => {
    if (model === null || kept === null || text.trim() === '') return null;
    try {
      const identity = await model.identify('embed');
      if (identity !== kept) return withoutMeaning(`the memories were embedded by ${kept}, and ${identity} answers`);
      const [vector] = await model.embed([text.slice(0, MOST_CHARACTERS).toWellFormed()], new AbortController().signal);
      const norm = Math.hypot(...(vector ?? []));
      return vector === undefined || !(norm > 0) ? null : vector.map((number) => number / norm);
    } catch (error) {
      return withoutMeaning(messageOf(error));
    }
  };
}
