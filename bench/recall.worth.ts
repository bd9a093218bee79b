import { z } from 'zod';

/** A question and what answers it; `stale` are outdated statements of the same fact. */
export const questionRow = z.object({
  id: z.string().optional(),
  question: z.string(),
  agent: z.string().optional(),
  as_of: z.iso.datetime({ offset: true }).optional(),
  kind: z.string().optional(),
  answers: z.array(z.string()).min(1),
  stale: z.array(z.string()).default([]),
});
export type QuestionRow = z.infer<typeof questionRow>;

/** How well orders of memories answer: the share of what is needed among the first, and how often the new is above the old. */
export interface Worth {
  readonly 'R@1': number;
  readonly 'R@5': number;
  readonly 'R@10': number;
  readonly MRR: number;
  /** Questions whose newest statement stands above the outdated ones, of those that have some. */
  readonly current: string;
}

/** `orders`: for each question the ids of memories, best first. */
export function judge(rows: readonly QuestionRow[], orders: readonly (readonly string[])[]): Worth {
  const found = rows.map(({ answers, stale }, at) => {
    const place = new Map((orders[at] ?? []).map((id, rank) => [id, rank]));
    const ranks = (wanted: readonly string[]) => wanted.map((id) => place.get(id) ?? Number.POSITIVE_INFINITY);
    return { answers: ranks(answers), stale: ranks(stale) };
  });
  const mean = (value: (one: (typeof found)[number]) => number) =>
    Math.round((1000 * found.reduce((sum, one) => sum + value(one), 0)) / Math.max(1, found.length)) / 1000;
  const recallAt = (first: number) =>
    mean(({ answers }) => answers.filter((rank) => rank < first).length / answers.length);
  const changed = found.filter(({ stale }) => stale.length > 0);
  const current = changed.filter(({ answers, stale }) => Math.min(...answers) < Math.min(...stale));
  return {
    'R@1': recallAt(1),
    'R@5': recallAt(5),
    'R@10': recallAt(10),
    MRR: mean(({ answers }) => 1 / (1 + Math.min(...answers))),
    current: changed.length === 0 ? '-' : `${String(current.length)} of ${String(changed.length)}`,
  };
}
