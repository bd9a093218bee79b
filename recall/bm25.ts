import type { Scope, ScopePostings } from './scope.ts';
import { AFTER, BEFORE } from './windows.ts';

/** How quickly more of the same word stops to count, and how much a long text is held against it; measured on conversations. */
const K1 = 0.9;
const B = 0.4;

/** Texts to score: how long each is, and which of them have a term. */
interface Collection {
  readonly lengths: Float64Array;
  readonly postingsOf: (term: number) => ScopePostings;
  /** In how many texts the term is. */
  readonly frequencyOf: (postings: ScopePostings) => number;
  /** Adds what a term's postings say to the counts of the texts. */
  readonly count: (postings: ScopePostings, counts: Counts) => void;
}

/** How often the texts have the term that is looked at; forgotten after each term. */
class Counts {
  readonly #counts: Float64Array;
  readonly #met: Uint32Array;
  #size = 0;

  constructor(texts: number) {
    [this.#counts, this.#met] = [new Float64Array(texts), new Uint32Array(texts)];
  }

  add(text: number, count: number): void {
    if (this.#counts[text] === 0) this.#met[this.#size++] = text;
    this.#counts[text]! += count;
  }

  /** Calls back for each text with its count, and forgets it. */
  drain(take: (text: number, count: number) => void): void {
    for (let at = 0; at < this.#size; at += 1) {
      const text = this.#met[at]!;
      take(text, this.#counts[text]!);
      this.#counts[text] = 0;
    }
    this.#size = 0;
  }
}

/**
 * BM25 (Robertson & Zaragoza 2009, eq. 3.15) of every text, for terms with weights; the idf is never negative.
 * @returns one number for each text, 0 where no term meets
 */
function scoreBm25(
  { lengths, postingsOf, frequencyOf, count }: Collection,
  terms: ReadonlyMap<number, number>,
): Float64Array {
  const scores = new Float64Array(lengths.length);
  const counts = new Counts(lengths.length);
  const mean = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length) || 1;
  for (const [term, weight] of terms) {
    const postings = postingsOf(term);
    const frequency = frequencyOf(postings);
    const idf = Math.log(1 + (lengths.length - frequency + 0.5) / (frequency + 0.5));
    count(postings, counts);
    counts.drain((text, found) => {
      scores[text]! += (weight * idf * found * (K1 + 1)) / (found + K1 * (1 - B + (B * lengths[text]!) / mean));
    });
  }
  return scores;
}

/** Each memory by its own words and those of its neighbours in the session. */
export function scoreWords(scope: Scope, terms: ReadonlyMap<number, number>): Float64Array {
  return scoreBm25(
    {
      lengths: scope.windowLengths,
      postingsOf: (term) => scope.postingsOf(term),
      frequencyOf: ({ memories }) => memories.length,
      count: ({ memories, counts: found }, counts) => {
        for (let at = 0; at < memories.length; at += 1) {
          const [index, count] = [memories[at]!, found[at]!];
          counts.add(index, count);
          const [before, after] = [scope.neighbour(index, -1), scope.neighbour(index, 1)];
          if (before >= 0) counts.add(before, AFTER * count);
          if (after >= 0) counts.add(after, BEFORE * count);
        }
      },
    },
    terms,
  );
}

/** Each session as one text. */
export function scoreSessions(scope: Scope, terms: ReadonlyMap<number, number>): Float64Array {
  return scoreBm25(
    {
      lengths: scope.sessionLengths,
      postingsOf: (term) => scope.postingsOf(term),
      frequencyOf: ({ memories }) => countDistinct(memories, scope.sessions),
      count: ({ memories, counts: found }, counts) => {
        for (let at = 0; at < memories.length; at += 1) counts.add(scope.sessions[memories[at]!]!, found[at]!);
      },
    },
    terms,
  );
}

function countDistinct(memories: Uint32Array, sessions: Uint32Array): number {
  const met = new Set<number>();
  for (const index of memories) met.add(sessions[index]!);
  return met.size;
}
