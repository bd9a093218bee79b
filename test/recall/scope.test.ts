import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBlock, type ScopeMemory } from '../../recall/block.ts';
import { scoreWords } from '../../recall/bm25.ts';
import { bestOf } from '../../recall/ranking.ts';
import { Scope } from '../../recall/scope.ts';
import { AFTER, BEFORE } from '../../recall/windows.ts';

const MINUTE = 60_000;
/** Not a multiple of sixteen, which is what the kernel takes at a time. */
const LENGTH = 20;

const vector = fc
  .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: LENGTH, maxLength: LENGTH })
  .map((numbers) => {
    const norm = Math.hypot(...numbers);
    return Float32Array.from(numbers, (number, at) => (norm > 0 ? number / norm : Number(at === 0)));
  });

/** Some memories of two agents, close enough in time to share sessions, of few words, so that they share those too. */
const memories = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 0, max: 30 }).map(String),
    agent: fc.constantFrom('a', 'b'),
    createdAt: fc.integer({ min: 0, max: 200 }).map((minutes) => minutes * MINUTE),
    terms: fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 12 }).map((terms) => Uint32Array.from(terms)),
    speaker: fc.constantFrom(null, 'maria'),
    tags: fc.constantFrom([], ['x'], ['x', 'y']),
    asks: fc.boolean(),
    tellsTime: fc.boolean(),
    tellsNumber: fc.boolean(),
    novelty: fc.double({ min: 0, max: 1, noNaN: true }),
    wording: fc.nat(5),
    days: fc.array(fc.integer({ min: 20_000, max: 20_010 }), { maxLength: 2 }),
    vectors: fc.array(vector, { maxLength: 2 }),
  }),
  { selector: ({ id }) => id, maxLength: 25 },
);

const byAgentAndTime = (a: ScopeMemory, b: ScopeMemory) =>
  a.agent.localeCompare(b.agent) || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);

/** All that a scope says of each memory, by id: where an agent stands among the others says nothing. */
function describeScope(scope: Scope, asked: Float32Array) {
  const own = scope.cosines(asked);
  const near = scope.windowCosines(own);
  const words = scoreWords(scope, new Map([...Array(13).keys()].map((term) => [term, 1])));
  const idOf = (index: number) => (index < 0 ? null : scope.idOf(index));
  const told = Array.from({ length: scope.size }, (_, index) => ({
    ...{ id: scope.idOf(index), agent: scope.agentOf(index), at: scope.createdAt[index], flags: scope.flags[index] },
    ...{ speaker: scope.speakerOf(index), tags: scope.tagsOf(index), days: [...scope.daysOf(index)] },
    ...{ terms: [...scope.termsOf(index)], novelty: scope.novelty[index], parts: scope.partsOf(index) },
    ...{ before: idOf(scope.neighbour(index, -1)), after: idOf(scope.neighbour(index, 1)) },
    ...{ length: scope.lengths[index], window: scope.windowLengths[index] },
    session: scope.sessionLengths[scope.sessions[index] ?? -1],
    cosine: own[index]?.toFixed(5),
    near: near[index]?.toFixed(5),
    words: words[index]?.toFixed(9),
  }));
  return {
    told: told.sort((a, b) => a.id.localeCompare(b.id)),
    sessions: scope.sessionCount,
    talk: scope.talkShare,
    speakers: [...scope.speakers],
    terms: [...Array(13).keys()].map((term) => [scope.frequencyOf(term), scope.idf(term)]),
  };
}

test('a scope that was extended says what one says that was built at once', () => {
  fc.assert(
    fc.property(memories, memories, memories, fc.array(fc.nat(30)), vector, (base, added, later, gone, asked) => {
      const left = new Set(gone.map(String));
      const extended = Scope.of(createBlock(base)).extend(createBlock(added), left).extend(createBlock(later));
      const all = new Map(base.filter(({ id }) => !left.has(id)).map((memory) => [memory.id, memory]));
      for (const memory of [...added, ...later]) all.set(memory.id, memory);
      const atOnce = Scope.of(createBlock([...all.values()]));
      expect(describeScope(extended, asked)).toEqual(describeScope(atOnce, asked));
    }),
  );
});

test('a block takes memories in any order, and of two with one id the later', () => {
  fc.assert(
    fc.property(memories, memories, vector, (some, others, asked) => {
      const wanted = new Map([...some, ...others].map((memory) => [memory.id, memory]));
      const sorted = [...wanted.values()].sort(byAgentAndTime);
      const block = createBlock([...some, ...others]);
      expect(block.ids).toEqual(sorted.map(({ id }) => id));
      expect(describeScope(Scope.of(block), asked)).toEqual(describeScope(Scope.of(createBlock(sorted)), asked));
    }),
  );
});

test('a cosine of packed vectors is that of the vectors, to a hundredth', () => {
  fc.assert(
    fc.property(memories, vector, (some, asked) => {
      const scope = Scope.of(createBlock(some));
      const cosines = scope.cosines(asked);
      for (const [index, found] of cosines.entries()) {
        const { vectors = [] } = some.find(({ id }) => id === scope.idOf(index)) ?? {};
        const best = Math.max(0, ...vectors.map((each) => dot(each, asked)));
        expect(Math.abs(found - best)).toBeLessThan(0.01);
      }
    }),
  );
});

test('nearness is the cosine of the nearest parts, and null where one has none', () => {
  fc.assert(
    fc.property(memories, (some) => {
      const scope = Scope.of(createBlock(some));
      if (scope.size < 2) return;
      const products = scope.partsOf(0).flatMap((one) => scope.partsOf(1).map((other) => dot(one, other)));
      const nearness = scope.nearness(0, 1);
      if (products.length === 0) expect(nearness).toBeNull();
      else expect(nearness).toBeCloseTo(Math.max(...products), 4);
    }),
  );
});

describe('words', () => {
  test('score as BM25 has it, over own words and those of the neighbours', () => {
    fc.assert(
      fc.property(memories, fc.uniqueArray(fc.nat(12), { maxLength: 5 }), (some, asked) => {
        const scope = Scope.of(createBlock(some));
        const scores = scoreWords(scope, new Map(asked.map((term) => [term, 1])));
        const expected = naiveScores([...some].sort(byAgentAndTime), asked);
        for (const [index, score] of scores.entries()) expect(score).toBeCloseTo(expected[index] ?? NaN, 9);
      }),
    );
  });
});

test('the best are those that stand first when all are sorted, of equals the later', () => {
  const values = fc.array(fc.constantFrom(0, 0.25, 0.5, 1), { maxLength: 300 });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 260 }), fc.integer({ min: 1, max: 3 }), (list, count, every) => {
      const accepts = (index: number) => index % every === 0;
      const sorted = [...list.keys()].filter(accepts).sort((a, b) => (list[b] ?? 0) - (list[a] ?? 0) || b - a);
      expect(bestOf(Float64Array.from(list), count, accepts)).toEqual(sorted.slice(0, count));
    }),
  );
});

/** The formula, memory by memory; k1 = .9, b = .4. */
function naiveScores(sorted: readonly ScopeMemory[], asked: readonly number[]): number[] {
  const neighbour = (index: number, step: number) => {
    const [one, other] = [sorted[index], sorted[index + step]];
    const isNear = Math.abs((one?.createdAt ?? 0) - (other?.createdAt ?? Infinity)) <= 30 * MINUTE;
    return other !== undefined && other.agent === one?.agent && isNear ? other : undefined;
  };
  const countOf = (memory: ScopeMemory | undefined, term: number) =>
    memory === undefined ? 0 : memory.terms.filter((each) => each === term).length;
  const within = (index: number, count: (memory: ScopeMemory | undefined) => number) =>
    count(sorted[index]) + BEFORE * count(neighbour(index, -1)) + AFTER * count(neighbour(index, 1));
  const lengths = sorted.map((_, index) => within(index, (memory) => memory?.terms.length ?? 0));
  const mean = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length) || 1;
  return sorted.map((_, index) =>
    asked.reduce((sum, term) => {
      const frequency = sorted.filter((memory) => countOf(memory, term) > 0).length;
      const idf = Math.log(1 + (sorted.length - frequency + 0.5) / (frequency + 0.5));
      const count = within(index, (memory) => countOf(memory, term));
      const length = lengths[index] ?? 0;
      return sum + (idf * count * 1.9) / (count + 0.9 * (1 - 0.4 + (0.4 * length) / mean));
    }, 0),
  );
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
}
