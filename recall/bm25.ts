import { AFTER, BEFORE, type Scope } from './scope.ts';

/** How quickly more of the same word stops to count, and how much a long text is held against it; measured on conversations. */
const K1 = 0.9;
const B = 0.4;
/** Texts to score: for a term, which of them have it and how often; and how long each is. */
interface Collection {
  readonly lengths: Float64Array;
  readonly documentFrequency: (term: number) => number;
  /** Calls back for each text that has the term, maybe several times for one; counts add up. */
  readonly each: (term: number, add: (text: number, count: number) => void) => void;
}

/**
 * BM25 (Robertson & Zaragoza 2009, eq. 3.15) of every text, for terms with weights; the idf is never negative.
 * @returns one number for each text, 0 where no term meets
 */
function scoreBm25({ lengths, documentFrequency, each }: Collection, terms: ReadonlyMap<number, number>): Float64Array {
  const scores = new Float64Array(lengths.length);
  const counts = new Float64Array(lengths.length);
  const mean = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length) || 1;
  for (const [term, weight] of terms) {
    const frequency = documentFrequency(term);
    const idf = Math.log(1 + (lengths.length - frequency + 0.5) / (frequency + 0.5));
    const met: number[] = [];
    each(term, (text, count) => {
      if (counts[text] === 0) met.push(text);
      counts[text]! += count;
    });
    for (const text of met) {
      const count = counts[text] ?? 0;
      const length = lengths[text] ?? 0;
      scores[text]! += (weight * idf * count * (K1 + 1)) / (count + K1 * (1 - B + (B * length) / mean));
      counts[text] = 0;
    }
  }
  return scores;
}

/** Each memory by its own words and those of its neighbours in the session. */
export function scoreWords(scope: Scope, terms: ReadonlyMap<number, number>): Float64Array {
  return scoreBm25(
    {
      lengths: scope.windowLengths,
      documentFrequency: (term) => scope.postings.get(term)?.memories.length ?? 0,
      each: (term, add) => {
        const { memories, counts } = scope.postings.get(term) ?? { memories: [], counts: [] };
        for (let at = 0; at < memories.length; at += 1) {
          const [index, count] = [memories[at]!, counts[at]!];
          add(index, count);
          const [before, after] = [scope.neighbour(index, -1), scope.neighbour(index, 1)];
          if (before >= 0) add(before, AFTER * count);
          if (after >= 0) add(after, BEFORE * count);
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
      documentFrequency: (term) =>
        new Set(scope.postings.get(term)?.memories.map((index) => scope.sessions[index])).size,
      each: (term, add) => {
        const { memories, counts } = scope.postings.get(term) ?? { memories: [], counts: [] };
        for (let at = 0; at < memories.length; at += 1) add(scope.sessions[memories[at]!]!, counts[at]!);
      },
    },
    terms,
  );
}
