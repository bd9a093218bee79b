import type { RecallFile } from '../recall/file.ts';
import type { EmbedQuestion } from '../recall/meaning.ts';
import { readQuestion } from '../recall/question.ts';
import { bestOf, rank, WEIGHTS, type Part } from '../recall/ranking.ts';
import { recall, type Recalled } from '../recall/recall.ts';
import { orderByBm25, shuffleWith } from './recall.baselines.ts';
import { judge, type QuestionRow, type Worth } from './recall.worth.ts';

const PARTS = Object.keys(WEIGHTS) as Part[];

/** How well a store answers: as recall gives it, by all parts of the ranking, by other orders, and by fewer parts. */
export interface Comparison {
  readonly memories: number;
  readonly recall: Worth;
  readonly 'all parts': Worth;
  readonly BM25: Worth;
  readonly random: Worth;
  /** Parts that weigh nothing in these memories are left out. */
  readonly alone: Partial<Record<Part, Worth>>;
  readonly without: Partial<Record<Part, Worth>>;
  /** R@5 of recall by kind of question. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly outdated: Outdated;
}

/** Memories that were told to be outdated among the first ten: pairs, and those that the questions' own lists of statements confirm. */
interface Outdated {
  readonly told: number;
  readonly confirmed: number;
  readonly pairs: readonly (readonly [older: string, newer: string])[];
}

/** One question, asked. */
interface Asked {
  readonly given: readonly Recalled[];
  readonly memories: number;
  readonly order: (parts: readonly Part[]) => string[];
  readonly weights: Readonly<Record<Part, number>>;
  readonly bm25: readonly string[];
  readonly random: readonly string[];
}

export async function askAll(file: RecallFile, embed: EmbedQuestion, rows: readonly QuestionRow[]): Promise<Asked[]> {
  const shuffle = shuffleWith(1);
  const asked: Asked[] = [];
  for (const { question: text, agent, as_of } of rows) {
    const scope = await file.scope(agent ?? null);
    const newest = scope.createdAt.reduce((last, time) => Math.max(last, time), 0);
    const asOf = as_of === undefined ? newest : Date.parse(as_of);
    const question = readQuestion(text, scope, { asOf, vector: await embed(text) });
    const idsOf = (order: readonly number[]) => order.map((index) => scope.idOf(index));
    const { results } = await recall(file, embed, {
      ...{ question: text, agent, asOf: new Date(asOf).toISOString(), limit: scope.size },
    });
    asked.push({
      given: results,
      memories: scope.size,
      order: (parts) => idsOf(bestOf(rank(scope, question, parts).scores, scope.size)),
      weights: rank(scope, question).weights,
      bm25: idsOf(orderByBm25(scope, question.terms.keys())),
      random: idsOf(shuffle(scope.size)),
    });
  }
  return asked;
}

export function compare(rows: readonly QuestionRow[], asked: readonly Asked[]): Comparison {
  const worth = (orderOf: (one: Asked) => readonly string[]) => judge(rows, asked.map(orderOf));
  const weighing = PARTS.filter((part) => asked.some(({ weights }) => weights[part] !== 0));
  const each = (partsOf: (part: Part) => readonly Part[]) =>
    Object.fromEntries(weighing.map((part) => [part, worth(({ order }) => order(partsOf(part)))]));
  const ids = ({ given }: Asked) => given.map(({ id }) => id);
  return {
    memories: Math.max(0, ...asked.map(({ memories }) => memories)),
    recall: worth(ids),
    'all parts': worth(({ order }) => order(PARTS)),
    BM25: worth(({ bm25 }) => bm25),
    random: worth(({ random }) => random),
    alone: each((part) => [part]),
    without: each((part) => PARTS.filter((other) => other !== part)),
    kinds: byKind(rows, asked.map(ids)),
    outdated: countOutdated(rows, asked),
  };
}

function byKind(rows: readonly QuestionRow[], orders: readonly (readonly string[])[]): Record<string, number> {
  const kinds = [...new Set(rows.map(({ kind = '' }) => kind))];
  const of = (kind: string) => {
    const chosen = rows.flatMap((row, at) => ((row.kind ?? '') === kind ? [[row, orders[at] ?? []] as const] : []));
    return judge(
      chosen.map(([row]) => row),
      chosen.map(([, order]) => order),
    )['R@5'];
  };
  return Object.fromEntries(kinds.map((kind) => [kind, of(kind)]));
}

/** Each pair once, however many questions tell it. */
function countOutdated(rows: readonly QuestionRow[], asked: readonly Asked[]): Outdated {
  const pairs = new Map(
    asked.flatMap(({ given }) =>
      given
        .slice(0, 10)
        .flatMap(({ id, content, supersededBy }) =>
          supersededBy === undefined
            ? []
            : [
                [
                  `${id} ${supersededBy.id}`,
                  { pair: [content, supersededBy.sentence] as const, ids: [id, supersededBy.id] },
                ] as const,
              ],
        ),
    ),
  );
  const isConfirmed = ([older, newer]: readonly string[]) =>
    rows.some(
      ({ answers, stale }) =>
        stale.includes(older ?? '') && (answers.includes(newer ?? '') || stale.includes(newer ?? '')),
    );
  const told = [...pairs.values()];
  return {
    told: told.length,
    confirmed: told.filter(({ ids }) => isConfirmed(ids)).length,
    pairs: told.map(({ pair }) => pair),
  };
}
