import { z } from 'zod';
import { runFile, type Parameter } from '../duckdb/statement.ts';
import { FATES, type StateSummary } from '../memory/types.ts';
import type { Dependencies } from './step.ts';

const counts = z.record(z.string(), z.number());
const memories = z.array(
  z.object({ id: z.string(), fate: z.enum(FATES), retrievability: z.number(), why: z.string() }),
);
const readers = z.array(z.object({ madeBy: z.string(), texts: z.number() }));
const embedders = z.array(z.object({ model: z.string(), memories: z.number() }));
const ids = z.array(z.object({ id: z.string() }));

/**
 * What is held as of a time: totals, who read and who embedded the texts, and the ids of what was kept,
 * has faded and was learned, `limit` of each at most.
 */
export async function summarizeState(
  { database }: Dependencies,
  { asOf, limit }: { asOf: string; limit: number },
): Promise<StateSummary> {
  return database.use(async (connection) => {
    const run = (name: string, extra: Record<string, Parameter> = {}) =>
      runFile(connection, new URL(`./summary.${name}.sql`, import.meta.url), { as_of: asOf, limit, ...extra });
    const totals = counts.parse((await run('totals'))[0]);
    return {
      totals: {
        memories: totals['memories'] ?? 0,
        sessions: totals['sessions'] ?? 0,
        episodes: totals['episodes'] ?? 0,
        associations: totals['associations'] ?? 0,
        insights: totals['insights'] ?? 0,
        fates: Object.fromEntries(FATES.map((fate) => [fate, totals[fate] ?? 0])) as StateSummary['totals']['fates'],
      },
      kept: memories.parse(await run('memories', { kept: true })),
      faded: memories.parse(await run('memories', { kept: false })),
      learned: ids.parse(await run('learned')).map(({ id }) => id),
      readers: readers.parse(await run('readers')),
      embedders: embedders.parse(await run('embedders')),
    };
  });
}
