/** One memory as the ranking needs it; texts are fetched for those that are shown. */
export interface ScopeMemory {
  readonly id: string;
  readonly agent: string;
  /** Milliseconds since 1970, UTC. */
  readonly createdAt: number;
  /** Numbers of its terms, in their order, without its speaker's name. */
  readonly terms: Uint32Array;
  /** The name that opens it, in lower case; null where none does. */
  readonly speaker: string | null;
  readonly tags: readonly string[];
  readonly asks: boolean;
  readonly tellsTime: boolean;
  readonly tellsNumber: boolean;
  /** Share of its entities that were new to its agent, 0 to 1. */
  readonly novelty: number;
  /** Days that it mentions, as days since 1970. */
  readonly days: readonly number[];
  /** Vectors of length 1, one for each few sentences; empty without a model. */
  readonly vectors: readonly Float32Array[];
}

/** Share of the words of the memory before and after, in the same session, that count as a memory's own: talk answers what was said. */
export const BEFORE = 0.5;
export const AFTER = 0.25;

/** Silence after which an agent's next memory begins another session, in milliseconds. */
export const SESSION_SILENCE_MS = 30 * 60_000;

/**
 * The memories of one agent, or of all, in order of time within their sessions, with what the ranking needs of all of them at
 * once. Built when a question first asks for them; a question then costs a walk over typed arrays.
 */
export class Scope {
  readonly size: number;
  /** The session of each memory; neighbours in the arrays with the same number are neighbours in time. */
  readonly sessions: Uint32Array;
  readonly sessionCount: number;
  /** When each was written, in milliseconds since 1970, UTC. */
  readonly createdAt: Float64Array;
  /** For each term the memories that have it, and how often. */
  readonly postings: ReadonlyMap<number, Postings>;
  /** Terms of each memory, with repetition. */
  readonly lengths: Float64Array;
  /** The same with its neighbours', as far as they count as its own. */
  readonly windowLengths: Float64Array;
  readonly sessionLengths: Float64Array;
  readonly speakers: ReadonlySet<string>;
  readonly hasVectors: boolean;
  /** Share of the memories that a speaker's name opens, as in talk. */
  readonly talkShare: number;
  /** Length of each memory's vector with its neighbours' as far as they count. */
  readonly #windowNorms: Float64Array;

  readonly #memories: readonly ScopeMemory[];

  constructor(memories: readonly ScopeMemory[]) {
    this.#memories = memories;
    this.size = memories.length;
    this.createdAt = Float64Array.from(memories, ({ createdAt }) => createdAt);
    this.lengths = Float64Array.from(memories, ({ terms }) => terms.length);
    this.sessions = new Uint32Array(this.size);
    this.sessionCount = this.#cutSessions();
    this.windowLengths = this.lengths.map((length, index) => length + this.#lent(index));
    this.sessionLengths = new Float64Array(this.sessionCount);
    this.lengths.forEach((length, index) => (this.sessionLengths[this.sessions[index]!]! += length));
    this.postings = collectPostings(memories);
    this.hasVectors = memories.some(({ vectors }) => vectors.length > 0);
    this.talkShare = memories.filter(({ speaker }) => speaker !== null).length / Math.max(1, this.size);
    this.#windowNorms = Float64Array.from(memories, (_, index) => this.#windowNorm(index));
    this.speakers = new Set(memories.flatMap(({ speaker }) => speaker ?? []));
  }

  idOf(index: number): string {
    return this.#at(index).id;
  }

  agentOf(index: number): string {
    return this.#at(index).agent;
  }

  /** Numbers of its terms, in their order. */
  termsOf(index: number): Uint32Array {
    return this.#at(index).terms;
  }

  speakerOf(index: number): string | null {
    return this.#at(index).speaker;
  }

  tagsOf(index: number): readonly string[] {
    return this.#at(index).tags;
  }

  /** Vectors of length 1, one for each few sentences; empty without a model. */
  partsOf(index: number): readonly Float32Array[] {
    return this.#at(index).vectors;
  }

  asks(index: number): boolean {
    return this.#at(index).asks;
  }

  tellsTime(index: number): boolean {
    return this.#at(index).tellsTime;
  }

  tellsNumber(index: number): boolean {
    return this.#at(index).tellsNumber;
  }

  noveltyOf(index: number): number {
    return this.#at(index).novelty;
  }

  /** Days that it mentions, as days since 1970. */
  daysOf(index: number): readonly number[] {
    return this.#at(index).days;
  }

  /** The memory before, or after, in the same session; -1 where there is none. */
  neighbour(index: number, step: -1 | 1): number {
    const other = index + step;
    return other >= 0 && other < this.size && this.sessions[other] === this.sessions[index] ? other : -1;
  }

  /** Rarity of a term among these memories, as BM25 has it. */
  idf(term: number): number {
    const frequency = this.postings.get(term)?.memories.length ?? 0;
    return Math.log(1 + (this.size - frequency + 0.5) / (frequency + 0.5));
  }

  /** How much of the question's words, by rarity, the memory has that has most of them: 0 to 1. `unknown` terms are in no memory. */
  coverage(terms: ReadonlyMap<number, number>, unknown: number): number {
    const found = new Float64Array(this.size);
    let all = unknown * this.idf(-1);
    for (const term of terms.keys()) {
      const idf = this.idf(term);
      all += idf;
      for (const index of this.postings.get(term)?.memories ?? []) found[index]! += idf;
    }
    return all > 0 ? found.reduce((most, value) => Math.max(most, value), 0) / all : 0;
  }

  /** Cosine of each memory with a vector: of a long one that of its best part. Zeros without a vector. */
  cosines(vector: Float32Array | null): Float64Array {
    const found = new Float64Array(this.size);
    if (vector === null) return found;
    for (const [index, { vectors }] of this.#memories.entries())
      for (const part of vectors) found[index] = Math.max(found[index]!, dot(part, vector));
    return found;
  }

  /** The same with the neighbours in the session, whose meaning counts as far as their words do. */
  windowCosines(own: Float64Array): Float64Array {
    return own.map((cosine, index) => {
      const [before, after] = [this.neighbour(index, -1), this.neighbour(index, 1)];
      const sum = cosine + BEFORE * (own[before] ?? 0) + AFTER * (own[after] ?? 0);
      return sum / (this.#windowNorms[index] || 1);
    });
  }

  #windowNorm(index: number): number {
    const own = this.#memories[index]?.vectors[0];
    if (own === undefined) return 0;
    const weighed = [
      [own, 1],
      [this.#memories[this.neighbour(index, -1)]?.vectors[0], BEFORE],
      [this.#memories[this.neighbour(index, 1)]?.vectors[0], AFTER],
    ] as const;
    const sum = own.map((_, at) =>
      weighed.reduce((total, [vector, weight]) => total + weight * (vector?.[at] ?? 0), 0),
    );
    return Math.sqrt(dot(sum, sum));
  }

  #lent(index: number): number {
    const [before, after] = [this.neighbour(index, -1), this.neighbour(index, 1)];
    return BEFORE * (this.lengths[before] ?? 0) + AFTER * (this.lengths[after] ?? 0);
  }

  #at(index: number): ScopeMemory {
    const memory = this.#memories[index];
    if (memory === undefined)
      throw new RangeError(`expected a memory from 0 to ${String(this.size - 1)}, got ${String(index)}`);
    return memory;
  }

  #cutSessions(): number {
    let session = -1;
    let before: ScopeMemory | undefined;
    for (const [index, memory] of this.#memories.entries()) {
      const goesOn = before?.agent === memory.agent && memory.createdAt - before.createdAt <= SESSION_SILENCE_MS;
      if (!goesOn) session += 1;
      this.sessions[index] = session;
      before = memory;
    }
    return session + 1;
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let at = 0; at < a.length; at += 4) {
    s0 += a[at]! * b[at]!;
    s1 += a[at + 1]! * b[at + 1]!;
    s2 += a[at + 2]! * b[at + 2]!;
    s3 += a[at + 3]! * b[at + 3]!;
  }
  return s0 + s1 + s2 + s3;
}

/** The memories with one term, in their order. */
export interface Postings {
  readonly memories: number[];
  readonly counts: number[];
}

function collectPostings(memories: readonly ScopeMemory[]): Map<number, Postings> {
  const postings = new Map<number, Postings>();
  for (const [index, { terms }] of memories.entries())
    for (const term of terms) {
      const found = postings.get(term) ?? { memories: [], counts: [] };
      if (found.memories.at(-1) === index) found.counts[found.counts.length - 1]! += 1;
      else {
        found.memories.push(index);
        found.counts.push(1);
      }
      postings.set(term, found);
    }
  return postings;
}
