import { halvesOf } from '../memory/halves.ts';
import { ContextTooLong, UnfitAnswer } from './model-error.ts';

/** Texts of one call for vectors. */
export const BATCH = 32;

/** What is asked about together, in calls of 32. */
export function batchesOf<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / BATCH) }, (_, index) =>
    items.slice(index * BATCH, (index + 1) * BATCH),
  );
}

/** False for a vector with a number that a 32-bit float cannot hold, such as 1e39. */
export const isFiniteVector = (vector: Float32Array) => vector.every(Number.isFinite);

type Embed = (texts: readonly string[]) => Promise<Float32Array[]>;

/**
 * One vector for each text, in batches of 32. A text that is longer than the model's context is embedded in parts: its
 * vector is the mean of theirs, weighted by length, of length 1 again. Nothing is cut off.
 */
export async function embedWhole(texts: readonly string[], embed: Embed): Promise<Float32Array[]> {
  return (await Promise.all(batchesOf(texts).map((batch) => embedBatch(batch, embed)))).flat();
}

/** The server refuses a batch for one long text and does not say which: halving finds it. */
async function embedBatch(texts: readonly string[], embed: Embed): Promise<Float32Array[]> {
  try {
    return await embed(texts);
  } catch (error) {
    if (!(error instanceof ContextTooLong)) throw error;
    const [first = '', ...others] = texts;
    if (others.length === 0) return [await embedParts(first, embed, error)];
    return (await Promise.all(halvesOf(texts).map((half) => embedBatch(half, embed)))).flat();
  }
}

async function embedParts(text: string, embed: Embed, reason: ContextTooLong): Promise<Float32Array> {
  const parts = halve(text);
  if (parts.some((part) => part === '')) throw reason;
  const vectors = await embedBatch(parts, embed);
  const lengths = [...new Set(vectors.map((vector) => vector.length))];
  if (lengths.length > 1)
    throw new UnfitAnswer(
      `the parts of a long text have vectors of ${lengths.join(' and ')} numbers, which have no mean`,
    );
  const mean = new Float32Array(vectors[0]?.length ?? 0);
  vectors.forEach((vector, part) => {
    vector.forEach((value, index) => (mean[index] = (mean[index] ?? 0) + value * (parts[part]?.length ?? 0)));
  });
  const norm = Math.hypot(...mean);
  return norm > 0 ? mean.map((value) => value / norm) : mean;
}

/** Two parts of about the same length, cut at the space next to the middle, or between two characters. */
function halve(text: string): [string, string] {
  const middle = Math.floor(text.length / 2);
  const space = text.lastIndexOf(' ', middle);
  const cut = space > middle / 2 ? space + 1 : middle + (/[\uDC00-\uDFFF]/.test(text.charAt(middle)) ? 1 : 0);
  return [text.slice(0, cut), text.slice(cut)];
}
