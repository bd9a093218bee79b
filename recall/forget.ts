import { z } from 'zod';
import { UnreadableFileError } from './file.open.ts';
import type { RecallFile } from './file.ts';
import type { Published } from './published.ts';

const rows = z.array(
  z
    .object({ id: z.string(), content: z.string(), agent: z.string(), created_at: z.date() })
    .transform(({ created_at, ...row }) => ({ ...row, createdAt: created_at.toISOString() })),
);

/** A memory as it is shown before it is forgotten; `createdAt` is ISO 8601. */
export type Held = Readonly<z.infer<typeof rows>[number]>;

/**
 * The memories with these ids, in their order, as far as the recall file has them, or the newest rows of the agents' table. Without a file
 * the latter alone are looked at: that is no reason not to forget.
 */
export async function lookUp(published: Published, ids: readonly string[]): Promise<Held[]> {
  const filed = await published.read((file) => readHeld(file, ids)).catch(noneWithoutFile);
  const byId = new Map(filed.map((each) => [each.id, each]));
  const others = new Set(ids.filter((id) => !byId.has(id)));
  if (others.size > 0)
    for (const { memory_id: id, content, agent, created_at: at } of await published.unread())
      if (others.has(id)) byId.set(id, { id, content, agent, createdAt: at.toISOString() });
  return [...new Set(ids)].flatMap((id) => byId.get(id) ?? []);
}

async function readHeld(file: RecallFile, ids: readonly string[]): Promise<Held[]> {
  return rows.parse(await file.query(new URL('./forget.look-up.sql', import.meta.url), { ids: JSON.stringify(ids) }));
}

function noneWithoutFile(error: unknown): Held[] {
  if (error instanceof UnreadableFileError) return [];
  throw error;
}
