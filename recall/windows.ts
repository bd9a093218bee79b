import { dotNeighbours } from './dots.ts';
import { cosineOf, type Parts } from './vectors.ts';

/** Share of the words of the memory before and after, in the same session, that count as a memory's own: talk answers what was said. */
export const BEFORE = 0.5;
export const AFTER = 0.25;

/** Memories in their order, with what is asked of them here. */
interface Sequence {
  readonly size: number;
  /** Of the vectors: numbers from one to the next. */
  readonly stride: number;
  neighbour(index: number, step: -1 | 1): number;
  packedOf(index: number): Parts;
}

/** Lengths that were measured before, and for each memory the place that it had then; below 0 for a new one. */
export interface Measured {
  readonly lengths: Float32Array;
  readonly places: Int32Array;
}

/**
 * The length of each memory's vector with its neighbours', as far as they count: `own + before / 2 + after / 4`, of the first parts. Those that
 * had the same neighbours when they were measured before are not measured again.
 */
export function measureWindows(sequence: Sequence, before?: Measured): Float32Array {
  const lengths = new Float32Array(sequence.size);
  for (let from = 0; from < sequence.size;) {
    const known = before && knownLength(before, from);
    if (known !== undefined) {
      lengths[from] = known;
      from += 1;
      continue;
    }
    let to = from + 1;
    while (to < sequence.size && (before === undefined || knownLength(before, to) === undefined)) to += 1;
    measure(sequence, from, to, lengths);
    from = to;
  }
  return lengths;
}

function knownLength({ lengths, places }: Measured, index: number): number | undefined {
  const place = places[index]!;
  // A new one before the first of old has -1 too, which is no place.
  const isFirst = place === 0 ? index === 0 : places[index - 1] === place - 1;
  const isLast = index === places.length - 1 ? place === lengths.length - 1 : places[index + 1] === place + 1;
  return place >= 0 && isFirst && isLast ? lengths[place] : undefined;
}

/** The square is multiplied out for vectors of length 1, so that products of neighbours are all that it takes. */
function measure(sequence: Sequence, from: number, to: number, lengths: Float32Array): void {
  const first = Math.max(0, from - 1);
  const count = Math.min(sequence.size, to + 1) - first;
  const scales = new Float32Array(count);
  const { next, second } = dotNeighbours(count, sequence.stride, (at) => {
    const { vectors, first: part, end } = sequence.packedOf(first + at);
    if (part === end) return null;
    scales[at] = vectors.scales[part]!;
    return vectors.values.subarray(part * vectors.stride, (part + 1) * vectors.stride);
  });
  for (let index = from; index < to; index += 1) {
    const at = index - first;
    if (scales[at] === 0) continue;
    const [own, before, after] = [scales[at]!, beforeOf(index), afterOf(index)];
    let square = 1;
    if (before > 0) square += BEFORE ** 2 + 2 * BEFORE * cosineOf(next[at - 1]!, before, own);
    if (after > 0) square += AFTER ** 2 + 2 * AFTER * cosineOf(next[at]!, own, after);
    if (before > 0 && after > 0) square += 2 * BEFORE * AFTER * cosineOf(second[at - 1]!, before, after);
    lengths[index] = Math.sqrt(square);
  }

  function beforeOf(index: number): number {
    return sequence.neighbour(index, -1) < 0 ? 0 : scales[index - 1 - first]!;
  }

  function afterOf(index: number): number {
    return sequence.neighbour(index, 1) < 0 ? 0 : scales[index + 1 - first]!;
  }
}
