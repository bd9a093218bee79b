import type { TaskContext } from '../recall/context.ts';

/** Why a text of memories is empty, for a person; null where it is not. */
export function describeGap({ text, tokens: { budget, least } }: TaskContext): string | null {
  if (text !== '') return null;
  if (least === undefined) return 'context: nothing that was remembered is of use for that';
  return `context: ${String(budget)} tokens hold no memory; the best one needs ${String(least)}`;
}
