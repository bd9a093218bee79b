/** What became of a memory. */
export interface Fated {
  readonly id: string;
  readonly fate: string;
  readonly retrievability: number;
  readonly cortical: number;
  readonly replays: number;
}

/** How near two lives of the same memories are: the share of those with the same fate, and how alike they order them. */
export function compareFates(one: readonly Fated[], other: readonly Fated[]) {
  const others = new Map(other.map((memory) => [memory.id, memory]));
  const pairs = one.flatMap((memory) => {
    const same = others.get(memory.id);
    return same === undefined ? [] : [[memory, same] as const];
  });
  const order = (value: (memory: Fated) => number) =>
    correlateRanks(
      pairs.map(([memory]) => value(memory)),
      pairs.map(([, memory]) => value(memory)),
    );
  return {
    sameFate: round(pairs.filter(([memory, same]) => memory.fate === same.fate).length / pairs.length),
    retrievability: round(order(({ retrievability }) => retrievability)),
    cortical: round(order(({ cortical }) => cortical)),
    replays: round(order(({ replays }) => replays)),
  };
}

/** Spearman's rank correlation; ties share their mean rank. */
export function correlateRanks(one: readonly number[], other: readonly number[]): number {
  const [x, y] = [rank(one), rank(other)];
  const middle = (one.length - 1) / 2;
  const sum = (a: readonly number[], b: readonly number[]) =>
    a.reduce((total, each, index) => total + (each - middle) * ((b[index] ?? 0) - middle), 0);
  return sum(x, y) / Math.sqrt(sum(x, x) * sum(y, y));
}

function rank(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  const places = new Map<number, number>();
  sorted.forEach((value, place) => {
    // The first and the last place of a value are as far from its mean.
    if (!places.has(value)) places.set(value, (place + sorted.lastIndexOf(value)) / 2);
  });
  return values.map((value) => places.get(value) ?? 0);
}

const round = (value: number) => Math.round(value * 1000) / 1000;
