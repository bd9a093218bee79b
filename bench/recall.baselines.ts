import type { Scope } from '../recall/scope.ts';
import { createRandom } from './random.ts';

const K1 = 0.9;
const B = 0.4;

/** Plain BM25 of each memory's own words: what a full-text index gives. Of equals the newer first. */
export function orderByBm25(scope: Scope, terms: Iterable<number>): number[] {
  const scores = new Float64Array(scope.size);
  const mean = scope.lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, scope.size) || 1;
  for (const term of terms) {
    const { memories, counts } = scope.postingsOf(term);
    memories.forEach((index, at) => {
      const [count = 0, length = 0, before = 0] = [counts[at], scope.lengths[index], scores[index]];
      const norm = K1 * (1 - B + (B * length) / mean);
      scores[index] = before + (scope.idf(term) * count * (K1 + 1)) / (count + norm);
    });
  }
  return Array.from(scores.keys()).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || b - a);
}

/** Orders by chance, the same each time. */
export function shuffleWith(seed: number): (size: number) => number[] {
  const random = createRandom(seed);
  return (size) => {
    const keys = Array.from({ length: size }, () => random());
    return Array.from(keys.keys()).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
  };
}
