import type { Scope } from './scope.ts';

/** Of memories that say the same in the same words the first, until there are enough; the property of an answer: no text stands twice. */
export function takeDistinct(scope: Scope, order: readonly number[], count: number): number[] {
  const seen = new Set<number>();
  const kept: number[] = [];
  for (const index of order) {
    if (kept.length >= count) break;
    const wording = scope.wordings[index] ?? NaN;
    if (seen.has(wording)) continue;
    seen.add(wording);
    kept.push(index);
  }
  return kept;
}

/** How many others of the wanted memories say the same in the same words as one does. */
export function countDuplicates(scope: Scope, index: number, isWanted: (index: number) => boolean): number {
  const { wordings } = scope;
  const wording = wordings[index];
  let count = 0;
  for (let other = 0; other < wordings.length; other += 1)
    if (wordings[other] === wording && other !== index && isWanted(other)) count += 1;
  return count;
}
