import { Index, type Runs } from './postings.ts';
import { packVectors, startsOf, type Vectors } from './vectors.ts';

/** One memory as the ranking needs it; texts are fetched for those that are shown. */
export interface ScopeMemory {
  readonly id: string;
  /** Its number in the file or the rows that it comes from; left out where it comes from none. */
  readonly place?: number;
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
  /** The same number for texts that say the same in the same words. */
  readonly wording: number;
  /** Share of its entities that were new to its agent, 0 to 1. */
  readonly novelty: number;
  /** Days that it mentions, as days since 1970. */
  readonly days: readonly number[];
  /** Vectors of length 1, one for each few sentences; empty without a model. */
  readonly vectors: readonly Float32Array[];
}

export const ASKS = 1;
export const TELLS_TIME = 2;
export const TELLS_NUMBER = 4;

/**
 * Memories as typed arrays, row by row, in order of agent, time and id: those of a file, or those that are newer. A block never changes, so
 * that scopes can share it. Texts that are alike (agents, speakers, tags) are one string for all rows.
 */
export interface Block {
  readonly ids: readonly string[];
  /** Their numbers in the file that they come from; -1 for those of none. */
  readonly places: Int32Array;
  readonly agents: readonly string[];
  readonly createdAt: Float64Array;
  readonly speakers: readonly (string | null)[];
  readonly tags: readonly (readonly string[])[];
  /** ASKS, TELLS_TIME and TELLS_NUMBER, added up. */
  readonly flags: Uint8Array;
  readonly novelty: Float64Array;
  readonly wordings: Float64Array;
  readonly days: Runs<Int32Array>;
  readonly terms: Runs<Uint32Array>;
  readonly index: Index;
  readonly vectors: Vectors;
}

/**
 * A block of some memories, which may come in any order; of two with one id the later is taken.
 * @public tests and benches make scopes by it; a file's blocks are read column by column
 */
export function createBlock(memories: readonly ScopeMemory[]): Block {
  const rows = [...new Map(memories.map((memory) => [memory.id, memory])).values()].sort(byAgentAndTime);
  const terms = toRuns(
    Uint32Array,
    rows.map((row) => row.terms),
  );
  return {
    ids: rows.map(({ id }) => id),
    places: Int32Array.from(rows, ({ place = -1 }) => place),
    agents: rows.map(({ agent }) => agent),
    createdAt: Float64Array.from(rows, ({ createdAt }) => createdAt),
    speakers: rows.map(({ speaker }) => speaker),
    tags: rows.map(({ tags }) => tags),
    flags: Uint8Array.from(rows, toFlags),
    novelty: Float64Array.from(rows, ({ novelty }) => novelty),
    wordings: Float64Array.from(rows, ({ wording }) => wording),
    days: toRuns(
      Int32Array,
      rows.map(({ days }) => days),
    ),
    terms,
    index: new Index(terms),
    vectors: packVectors(rows.map(({ vectors }) => vectors)),
  };
}

/** Bytes of memory that a block takes, roughly: a string of an id takes some 64. */
export function bytesOf({ createdAt, flags, novelty, wordings, days, terms, index, vectors, ids }: Block): number {
  const arrays = [
    createdAt,
    flags,
    novelty,
    wordings,
    days.values,
    days.starts,
    terms.values,
    terms.starts,
    vectors.values,
    vectors.scales,
    vectors.starts,
  ];
  return arrays.reduce((sum, { byteLength }) => sum + byteLength, index.bytes + 100 * ids.length);
}

const compare = <T extends string | number>(a: T, b: T) => (a < b ? -1 : Number(a > b));

function byAgentAndTime(a: ScopeMemory, b: ScopeMemory): number {
  return compare(a.agent, b.agent) || compare(a.createdAt, b.createdAt) || compare(a.id, b.id);
}

function toFlags({ asks, tellsTime, tellsNumber }: ScopeMemory): number {
  return (asks ? ASKS : 0) + (tellsTime ? TELLS_TIME : 0) + (tellsNumber ? TELLS_NUMBER : 0);
}

function toRuns<Values extends Int32Array | Uint32Array>(
  Array: new (length: number) => Values,
  rows: readonly ArrayLike<number>[],
): Runs<Values> {
  const starts = startsOf(rows.map(({ length }) => length));
  const values = new Array(starts[rows.length] ?? 0);
  for (const [row, own] of rows.entries()) values.set(own, starts[row]);
  return { values, starts };
}
