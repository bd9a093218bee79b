import { dotAll, strideOf } from './dots.ts';

/**
 * The vectors of many memories, one for each few sentences, in int8: a quarter of the memory, and nine times as fast as floats. A cosine is
 * off by .0005 (standard deviation over MiniLM's vectors), and what the sample's questions find is the same (`npm run bench -- recall`).
 */
export interface Vectors {
  /** Numbers of each vector; 0 where there is none. */
  readonly length: number;
  /** Numbers from one vector to the next. */
  readonly stride: number;
  readonly values: Int8Array;
  /** What 127 stands for in each. */
  readonly scales: Float32Array;
  /** Row r has the vectors from `starts[r]` up to `starts[r + 1]`. */
  readonly starts: Uint32Array;
}

/** The vectors of one row. */
export interface Parts {
  readonly vectors: Vectors;
  readonly first: number;
  readonly end: number;
}

export function partsOf(vectors: Vectors, row: number): Parts {
  return { vectors, first: vectors.starts[row]!, end: vectors.starts[row + 1]! };
}

const MOST = 127;

/** Lays vectors of length 1 one after the other, row by row. @throws RangeError where their lengths differ */
export function packVectors(rows: readonly (readonly Float32Array[])[]): Vectors {
  const all = rows.flat();
  const length = all[0]?.length ?? 0;
  const stride = strideOf(length);
  const values = new Int8Array(all.length * stride);
  const scales = Float32Array.from(all, (vector, at) => {
    if (vector.length !== length)
      throw new RangeError(`expected vectors of ${String(length)} numbers, got one of ${String(vector.length)}`);
    return quantize(vector, values.subarray(at * stride, at * stride + length));
  });
  return { length, stride, values, scales, starts: startsOf(rows.map(({ length: parts }) => parts)) };
}

/** Vectors that lie one after the other, with zeros between them as far as the kernel wants it. */
export function alignVectors(numbers: Int8Array, length: number): Pick<Vectors, 'length' | 'stride' | 'values'> {
  const stride = strideOf(length);
  if (stride === length) return { length, stride, values: numbers };
  const values = new Int8Array((numbers.length / length) * stride);
  for (let at = 0; at * length < numbers.length; at += 1)
    values.set(numbers.subarray(at * length, (at + 1) * length), at * stride);
  return { length, stride, values };
}

/** Where the values of each row begin, given how many each has, and where the last ends. */
export function startsOf(counts: ArrayLike<number>): Uint32Array {
  const starts = new Uint32Array(counts.length + 1);
  for (let row = 0; row < counts.length; row += 1) starts[row + 1] = starts[row]! + counts[row]!;
  return starts;
}

/** A vector as it was before it was packed, nearly. */
export function unpackVector({ values, scales, stride, length }: Vectors, at: number): Float32Array {
  return Float32Array.from(values.subarray(at * stride, at * stride + length), (value) => (value * scales[at]!) / MOST);
}

/** The product of the ith and the jth vector of length 1, which is their cosine, from that of their numbers. */
export const cosineOf = (product: number, scale: number, other: number) => (product / (MOST * MOST)) * (scale * other);

/** Calls back with the cosine of each vector, by its place, with one of length 1. @throws RangeError where their lengths differ */
export function compareAll(vectors: Vectors, vector: Float32Array, take: (cosine: number, at: number) => void): void {
  const { length, stride, values, scales } = vectors;
  if (scales.length === 0) return;
  if (vector.length !== length)
    throw new RangeError(`expected a vector of ${String(length)} numbers, got one of ${String(vector.length)}`);
  const one = new Int8Array(stride);
  const scale = quantize(vector, one);
  dotAll(one, values, stride, (products, from) => {
    for (let at = 0; at < products.length; at += 1) take(cosineOf(products[at]!, scale, scales[from + at]!), from + at);
  });
}

/** Cosine of the nearest two of the vectors of two rows; null where one row has none. */
export function compareNearest(a: Parts, b: Parts): number | null {
  let best: number | null = null;
  for (let one = a.first; one < a.end; one += 1)
    for (let other = b.first; other < b.end; other += 1) {
      const product = multiply(a.vectors, one, b.vectors, other);
      best = Math.max(best ?? -1, cosineOf(product, a.vectors.scales[one]!, b.vectors.scales[other]!));
    }
  return best;
}

function multiply(a: Vectors, one: number, b: Vectors, other: number): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += a.values[one * a.stride + at]! * b.values[other * b.stride + at]!;
  return sum;
}

/** Writes the numbers of a vector as shares of its greatest, which 127 stands for. @returns the greatest */
function quantize(vector: Float32Array, target: Int8Array): number {
  const scale = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (scale > 0) for (let at = 0; at < vector.length; at += 1) target[at] = Math.round((vector[at]! * MOST) / scale);
  return scale;
}
