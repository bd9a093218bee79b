import { createBlock, type ScopeMemory } from '../../recall/block.ts';
import { readQuestion } from '../../recall/question.ts';
import { bestOf, rank } from '../../recall/ranking.ts';
import { readForRecall } from '../../recall/reading.ts';
import { Scope } from '../../recall/scope.ts';

const START = Date.parse('2026-03-02T09:00:00Z');
const MINUTE = 60_000;
/** When a question is asked: a month after the first memory. */
export const ASKED_AT = START + 30 * 24 * 60 * MINUTE;

export interface Told {
  readonly text: string;
  /** Minutes after the first memory. */
  readonly at?: number;
  readonly agent?: string;
  readonly tags?: readonly string[];
  readonly days?: readonly string[];
  readonly novelty?: number;
  /** Of its parts. */
  readonly vectors?: readonly (readonly number[])[];
}

/** A store of one agent's memories in order of time, a day apart unless said otherwise, and a way to ask it. */
export function remember(...told: readonly (string | Told)[]) {
  const texts = told.map((each) => (typeof each === 'string' ? each : each.text));
  const memories = told.map((each, index): ScopeMemory => {
    const {
      text,
      at = index * 24 * 60,
      days = [],
      vectors = [],
      ...others
    } = typeof each === 'string' ? { text: each } : each;
    const { terms, ...read } = readForRecall(text);
    return {
      ...{
        ...read,
        id: String(index).padStart(3, '0'),
        agent: 'a',
        createdAt: START + at * MINUTE,
        novelty: 0,
        tags: [],
        ...others,
      },
      terms: Uint32Array.from(terms),
      days: days.map((day) => Date.parse(day) / 86_400_000),
      vectors: vectors.map((vector) => Float32Array.from(vector)),
    };
  });
  const scope = Scope.of(createBlock(memories));
  const read = (text: string, vector: readonly number[] | null = null) =>
    readQuestion(text, scope, { asOf: ASKED_AT, vector: vector && Float32Array.from(vector) });
  const ask = (text: string, vector: readonly number[] | null = null) => {
    const ranking = rank(scope, read(text, vector));
    return { order: bestOf(ranking.scores, memories.length).map((index) => texts[Number(scope.idOf(index))]), ranking };
  };
  return { scope, texts, read, ask };
}
