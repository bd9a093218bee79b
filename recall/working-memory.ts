import { z } from 'zod';
import type { RecallFile } from './file.ts';

const time = z.date().transform((date) => date.toISOString());
const row = z.object({
  id: z.string(),
  content: z.string(),
  agent: z.string(),
  createdAt: time,
  /** Start of the five minutes in which it was attended to. */
  windowStart: time,
  /** From 1, the one that was attended to most. */
  slot: z.number(),
  priority: z.number(),
  kind: z.string(),
  importance: z.number(),
});

/** A memory with a slot in working memory. */
export type Attended = z.infer<typeof row>;

/** What an agent attended to last, or each of all with null, by slot. */
export async function readWorkingMemory(file: RecallFile, agent: string | null): Promise<Attended[]> {
  return z.array(row).parse(await file.query(new URL('./working-memory.sql', import.meta.url), { agent }));
}
