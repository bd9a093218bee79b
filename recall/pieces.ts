import type { Lists } from '../duckdb/columns.ts';
import type { Runs } from './postings.ts';
import { startsOf } from './vectors.ts';

type Values = Float64Array | Float32Array | Int32Array | Uint32Array | Int8Array | Uint8Array;
type Constructor<Array extends Values> = new (length: number) => Array;

/** Numbers that come piece by piece, and are one array in the end. */
export class Pieces<Array extends Values> {
  readonly #pieces: Array[] = [];
  readonly #array: Constructor<Array>;

  constructor(array: Constructor<Array>) {
    this.#array = array;
  }

  /** Copies them: what DuckDB lends is gone with the next piece. */
  add(values: Array): void {
    this.#pieces.push(values.slice() as Array);
  }

  join(): Array {
    const joined = new this.#array(this.#pieces.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const piece of this.#pieces.splice(0)) {
      joined.set(piece, at);
      at += piece.length;
    }
    return joined;
  }
}

/** Lists that come piece by piece. */
export class PiecesOfLists<Array extends Values> {
  readonly #values: Pieces<Array>;
  readonly #counts = new Pieces<Uint32Array>(Uint32Array);

  constructor(array: Constructor<Array>) {
    this.#values = new Pieces(array);
  }

  add(lists: Lists<Array>): void {
    this.#counts.add(lists.counts);
    this.#values.add(lists.values);
  }

  join(): Runs<Array> {
    return { values: this.#values.join(), starts: startsOf(this.#counts.join()) };
  }
}
