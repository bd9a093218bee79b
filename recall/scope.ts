import { shortTermMemoryParameters } from '../memory/short-term-memory.parameters.ts';
import { bytesOf, type Block } from './block.ts';
import { mergeBlock, orderOf, reorder, type Order } from './merge.ts';
import { compareAll, compareNearest, partsOf, unpackVector, type Parts } from './vectors.ts';
import { AFTER, BEFORE, measureWindows, type Measured } from './windows.ts';

/** What ends a session where no cycle has said so, in milliseconds of silence. */
const USUAL_SILENCE_MS = shortTermMemoryParameters.stm_duration_minutes.default * 60_000;

/** Bytes that a scope takes for each memory, beside its blocks. */
const BYTES = 60;

/** The memories with one term, and how often each has it. */
export interface ScopePostings {
  readonly memories: Uint32Array;
  readonly counts: Uint16Array;
}

/**
 * The memories of one agent, or of all, in order of time within their sessions, with what the ranking needs of all of them at
 * once: blocks that are never changed, and which of their rows stand where. Built when a question first asks for them; a question
 * then costs a walk over typed arrays.
 */
export class Scope {
  readonly size: number;
  /** The session of each memory; neighbours in the arrays with the same number are neighbours in time. */
  readonly sessions: Uint32Array;
  readonly sessionCount: number;
  /** When each was written, in milliseconds since 1970, UTC. */
  readonly createdAt: Float64Array;
  /** Of each the sum of what it does: ASKS, TELLS_TIME, TELLS_NUMBER. */
  readonly flags: Uint8Array;
  /** Share of its entities that were new to its agent, 0 to 1. */
  readonly novelty: Float64Array;
  /** The same number for memories that say the same in the same words. */
  readonly wordings: Float64Array;
  /** Terms of each memory, with repetition. */
  readonly lengths: Float64Array;
  /** The same with its neighbours', as far as they count as its own. */
  readonly windowLengths: Float64Array;
  readonly sessionLengths: Float64Array;
  readonly speakers: ReadonlySet<string>;
  readonly hasVectors: boolean;
  /** Share of the memories that a speaker's name opens, as in talk. */
  readonly talkShare: number;
  readonly #blocks: readonly Block[];
  readonly #order: Order;
  readonly #silenceMs: number;
  /** For each block the index of each of its rows; -1 where it is gone. */
  readonly #places: readonly Int32Array[];
  /** Length of each memory's vector with its neighbours' as far as they count. */
  readonly #windowNorms: Float32Array;

  private constructor(blocks: readonly Block[], order: Order, silenceMs: number, before?: Measured) {
    [this.#blocks, this.#order, this.#silenceMs] = [blocks, order, silenceMs];
    this.size = order.rows.length;
    this.#places = blocks.map(({ ids }) => new Int32Array(ids.length).fill(-1));
    for (let index = 0; index < this.size; index += 1) this.#places[order.blocks[index]!]![order.rows[index]!] = index;
    this.createdAt = this.#gather((block, row) => block.createdAt[row]!);
    this.flags = new Uint8Array(this.#gather((block, row) => block.flags[row]!));
    this.novelty = this.#gather((block, row) => block.novelty[row]!);
    this.wordings = this.#gather((block, row) => block.wordings[row]!);
    this.lengths = this.#gather(({ terms }, row) => terms.starts[row + 1]! - terms.starts[row]!);
    this.sessions = new Uint32Array(this.size);
    this.sessionCount = this.#cutSessions();
    this.windowLengths = this.lengths.map((length, index) => length + this.#lent(index));
    this.sessionLengths = new Float64Array(this.sessionCount);
    for (let index = 0; index < this.size; index += 1)
      this.sessionLengths[this.sessions[index]!]! += this.lengths[index]!;
    this.hasVectors = blocks.some(({ vectors }) => vectors.scales.length > 0);
    const spoken = this.#countSpeakers();
    this.speakers = new Set(spoken.keys());
    this.talkShare = [...spoken.values()].reduce((sum, count) => sum + count, 0) / Math.max(1, this.size);
    this.#windowNorms = measureWindows(this, before);
  }

  get stride(): number {
    return this.#blocks.find(({ vectors: { length } }) => length > 0)?.vectors.stride ?? 0;
  }

  /** The memories of one block, in sessions that end with a longer silence. */
  static of(block: Block, silenceMs = USUAL_SILENCE_MS): Scope {
    return new Scope([block], orderOf(block), silenceMs);
  }

  /**
   * A scope with the memories of a block added, in place of those with the same ids, and without those that are gone. It shares what
   * there is of this one: 100 memories on 100,000 take 18 ms of CPU, where all at once take 90. Best on the scope as it was loaded: each time it gets one block more.
   */
  extend(block: Block, gone: ReadonlySet<string> = new Set()): Scope {
    const left = new Set([...gone, ...block.ids]);
    const merged = mergeBlock(this, block, (index) => left.has(this.idOf(index)));
    const order = reorder(this.#order, merged, this.#blocks.length);
    const before = { lengths: this.#windowNorms, places: merged };
    return new Scope([...this.#blocks, block], order, this.#silenceMs, before);
  }

  /** Memory that it takes, roughly. */
  get bytes(): number {
    return this.#blocks.reduce((sum, block) => sum + bytesOf(block), BYTES * this.size);
  }

  idOf(index: number): string {
    return this.#block(index).ids[this.#row(index)]!;
  }

  /** Its number in the file that it comes from; -1 where it comes from none. */
  placeOf(index: number): number {
    return this.#block(index).places[this.#row(index)]!;
  }

  /** Which memory has a number in the file; -1 where none here does. */
  indexOf(place: number): number {
    for (const [block, { places }] of this.#blocks.entries()) {
      const row = places.indexOf(place);
      const index = row < 0 ? -1 : this.#places[block]![row]!;
      if (index >= 0) return index;
    }
    return -1;
  }

  agentOf(index: number): string {
    return this.#block(index).agents[this.#row(index)]!;
  }

  /** Its vectors as they are kept. */
  packedOf(index: number): Parts {
    return partsOf(this.#block(index).vectors, this.#row(index));
  }

  /** Numbers of its terms, in their order. */
  termsOf(index: number): Uint32Array {
    const { values, starts } = this.#block(index).terms;
    const row = this.#row(index);
    return values.subarray(starts[row], starts[row + 1]);
  }

  /** The name that opens it, in lower case; null where none does. */
  speakerOf(index: number): string | null {
    return this.#block(index).speakers[this.#row(index)]!;
  }

  tagsOf(index: number): readonly string[] {
    return this.#block(index).tags[this.#row(index)]!;
  }

  /** Vectors of length 1, one for each few sentences; empty without a model. */
  partsOf(index: number): readonly Float32Array[] {
    const { vectors, first, end } = this.packedOf(index);
    return Array.from({ length: end - first }, (_, part) => unpackVector(vectors, first + part));
  }

  /** Days that it mentions, as days since 1970. */
  daysOf(index: number): Int32Array {
    const { values, starts } = this.#block(index).days;
    const row = this.#row(index);
    return values.subarray(starts[row], starts[row + 1]);
  }

  /** The memory before, or after, in the same session; -1 where there is none. */
  neighbour(index: number, step: -1 | 1): number {
    const other = index + step;
    return other >= 0 && other < this.size && this.sessions[other] === this.sessions[index] ? other : -1;
  }

  /** The memories that have a term, each once; not always in their order. */
  postingsOf(term: number): ScopePostings {
    const found = this.#blocks.map(({ index }) => index.of(term));
    const only = found[0];
    if (only !== undefined && found.length === 1) return { memories: only.rows, counts: only.counts };
    const all = found.reduce((sum, { rows }) => sum + rows.length, 0);
    const [memories, counts] = [new Uint32Array(all), new Uint16Array(all)];
    let size = 0;
    for (const [block, postings] of found.entries())
      for (let at = 0; at < postings.rows.length; at += 1) {
        const index = this.#places[block]![postings.rows[at]!]!;
        if (index < 0) continue;
        memories[size] = index;
        counts[size] = postings.counts[at]!;
        size += 1;
      }
    return { memories: memories.subarray(0, size), counts: counts.subarray(0, size) };
  }

  /** The memories that have a term. */
  holdersOf(term: number): Uint32Array {
    return this.postingsOf(term).memories;
  }

  /** How many memories have a term. */
  frequencyOf(term: number): number {
    return this.holdersOf(term).length;
  }

  /** Rarity of a term among these memories, as BM25 has it; never negative. */
  idf(term: number): number {
    const frequency = this.frequencyOf(term);
    return Math.log(1 + (this.size - frequency + 0.5) / (frequency + 0.5));
  }

  /** How much of the question's words, by rarity, the memory has that has most of them: 0 to 1. */
  coverage(terms: ReadonlyMap<number, number>): number {
    const found = new Float64Array(this.size);
    let [all, most] = [0, 0];
    for (const term of terms.keys()) {
      const idf = this.idf(term);
      all += idf;
      for (const index of this.holdersOf(term)) most = Math.max(most, (found[index]! += idf));
    }
    return all > 0 ? most / all : 0;
  }

  /** Cosine of the nearest two parts of two memories; null where one has no vector. */
  nearness(a: number, b: number): number | null {
    return compareNearest(this.packedOf(a), this.packedOf(b));
  }

  /** Cosine of each memory with a vector: of a long one that of its best part. Zeros without a vector. */
  cosines(vector: Float32Array | null): Float64Array {
    const found = new Float64Array(this.size);
    if (vector === null) return found;
    for (const [block, { vectors }] of this.#blocks.entries()) {
      const places = this.#places[block]!;
      let row = 0;
      compareAll(vectors, vector, (cosine, at) => {
        while (vectors.starts[row + 1]! <= at) row += 1;
        const index = places[row]!;
        if (index >= 0 && cosine > found[index]!) found[index] = cosine;
      });
    }
    return found;
  }

  /** The same with the neighbours in the session, whose meaning counts as far as their words do. */
  windowCosines(own: Float64Array): Float64Array {
    const found = new Float64Array(this.size);
    for (let index = 0; index < this.size; index += 1) {
      const [before, after] = [this.neighbour(index, -1), this.neighbour(index, 1)];
      const lent = (before < 0 ? 0 : BEFORE * own[before]!) + (after < 0 ? 0 : AFTER * own[after]!);
      found[index] = (own[index]! + lent) / (this.#windowNorms[index]! || 1);
    }
    return found;
  }

  #block(index: number): Block {
    const block = this.#blocks[this.#order.blocks[index]!];
    if (block !== undefined) return block;
    throw new RangeError(`expected a memory from 0 to ${String(this.size - 1)}, got ${String(index)}`);
  }

  #row(index: number): number {
    return this.#order.rows[index]!;
  }

  #gather(valueOf: (block: Block, row: number) => number): Float64Array {
    const values = new Float64Array(this.size);
    for (let index = 0; index < this.size; index += 1) values[index] = valueOf(this.#block(index), this.#row(index));
    return values;
  }

  #countSpeakers(): Map<string, number> {
    const spoken = new Map<string, number>();
    for (let index = 0; index < this.size; index += 1) {
      const speaker = this.speakerOf(index);
      if (speaker !== null) spoken.set(speaker, (spoken.get(speaker) ?? 0) + 1);
    }
    return spoken;
  }

  #lent(index: number): number {
    const [before, after] = [this.neighbour(index, -1), this.neighbour(index, 1)];
    return (before < 0 ? 0 : BEFORE * this.lengths[before]!) + (after < 0 ? 0 : AFTER * this.lengths[after]!);
  }

  #cutSessions(): number {
    let session = -1;
    for (let index = 0; index < this.size; index += 1) {
      const silence = index === 0 ? Infinity : this.createdAt[index]! - this.createdAt[index - 1]!;
      if (silence > this.#silenceMs || this.agentOf(index) !== this.agentOf(index - 1)) session += 1;
      this.sessions[index] = session;
    }
    return session + 1;
  }
}
