import { createHash } from 'node:crypto';

/** A memory as it was judged. Of each signal more is to mean: will be needed. */
export interface Judged {
  readonly id: string;
  readonly needed: boolean;
  readonly signals: Readonly<Record<string, number>>;
}

const round = (value: number) => Math.round(value * 1_000) / 1_000;

/** The share as a number of three digits; null of nothing. */
export const shareOf = (part: number, whole: number): number | null => (whole === 0 ? null : round(part / whole));

/**
 * The chance that a memory which is needed stands above one which is not (area under the ROC curve); of two that stand alike
 * each is above the other by half. Null where one of the kinds is missing.
 */
export function aucOf(memories: readonly Judged[], signal: string): number | null {
  const levels = new Map<number, { needed: number; other: number }>();
  for (const { needed, signals } of memories) {
    const level = levels.get(signals[signal] ?? 0) ?? { needed: 0, other: 0 };
    level[needed ? 'needed' : 'other'] += 1;
    levels.set(signals[signal] ?? 0, level);
  }
  let [below, above] = [0, 0];
  for (const [, { needed, other }] of [...levels].sort(([a], [b]) => a - b)) {
    above += needed * (below + other / 2);
    below += other;
  }
  const all = memories.filter(({ needed }) => needed).length;
  return shareOf(above, all * below);
}

/** Share of all needed memories that are among the `count` with the least of a signal; of those alike a hash decides. */
export function lostAmongLowest(memories: readonly Judged[], signal: string, count: number): number | null {
  const keyed = memories.map((memory) => ({ memory, at: memory.signals[signal] ?? 0, chance: chanceOf(memory.id) }));
  const lowest = keyed.sort((a, b) => a.at - b.at || a.chance - b.chance).slice(0, count);
  return shareOf(lowest.filter(({ memory }) => memory.needed).length, memories.filter(({ needed }) => needed).length);
}

/** A number for an id that tells nothing, the same each time. */
export const chanceOf = (id: string): number => createHash('sha256').update(id).digest().readUIntBE(0, 6);

/** The members of each group, in their order; the groups by their names. */
export function groupBy<T>(members: readonly T[], nameOf: (member: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const member of members) groups.set(nameOf(member), [...(groups.get(nameOf(member)) ?? []), member]);
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
}
