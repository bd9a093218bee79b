import { z } from 'zod';
import type { RecallFile } from './file.ts';

/** Memories of each kind, and learned texts, that are told of a night. */
const TOLD = 10;

const time = z.date().transform((date) => date.toISOString());
const stepRow = z.object({
  step: z.string(),
  cycle: z.string(),
  asOf: time,
  counts: z.string().transform((text) => z.record(z.string(), z.number()).parse(JSON.parse(text))),
});
const memoryRow = z.object({
  id: z.string(),
  /** `replayed`, or the fate that it got. */
  what: z.string(),
  content: z.string(),
  agent: z.string(),
  createdAt: time,
  /** The rule that decided its fate. */
  why: z.string().nullable(),
});
const learnedRow = z.object({
  id: z.string(),
  kind: z.enum(['gist', 'insight']),
  content: z.string(),
  theme: z.string(),
  madeBy: z.string(),
  size: z.number(),
});

/** What the last whole night did. */
export interface LastNight {
  readonly asOf: string;
  readonly cycle: string;
  /** What each step counted. */
  readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** What was replayed and what got another fate, of each the ten most important. */
  readonly memories: readonly z.infer<typeof memoryRow>[];
  /** Gists and insights that were written or changed, ten at most. */
  readonly learned: readonly z.infer<typeof learnedRow>[];
}

/** The last whole night that the file knows of; null before the first. */
export async function readLastNight(file: RecallFile): Promise<LastNight | null> {
  const read = async <T>(verb: string, row: z.ZodType<T>, parameters: Record<string, string | number> = {}) =>
    z.array(row).parse(await file.query(new URL(`./night.${verb}.sql`, import.meta.url), parameters));
  const steps = await read('steps', stepRow);
  const [first] = steps;
  if (first === undefined) return null;
  const { asOf, cycle } = first;
  const [memories, learned] = await Promise.all([
    read('memories', memoryRow, { at: asOf, limit: TOLD }),
    read('learned', learnedRow, { at: asOf, limit: TOLD }),
  ]);
  return {
    asOf,
    cycle,
    counts: Object.fromEntries(steps.map(({ step, counts }) => [step, counts])),
    memories,
    learned,
  };
}
