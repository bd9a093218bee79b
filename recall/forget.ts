import { z } from 'zod';
import type { RecallFile } from './file.ts';

const rows = z.array(
  z
    .object({ id: z.string(), content: z.string(), agent: z.string(), created_at: z.date() })
    .transform(({ created_at, ...row }) => ({ ...row, createdAt: created_at.toISOString() })),
);

/** A memory as it is shown before it is forgotten; `createdAt` is ISO 8601. */
export type Held = Readonly<z.infer<typeof rows>[number]>;

/** The memories with these ids, in their order, as far as the recall file has them. */
export async function lookUp(file: RecallFile, ids: readonly string[]): Promise<Held[]> {
  const statement = new URL('./forget.look-up.sql', import.meta.url);
  const found = rows.parse(await file.query(statement, { ids: JSON.stringify(ids) }));
  const byId = new Map(found.map((each) => [each.id, each]));
  return [...new Set(ids)].flatMap((id) => byId.get(id) ?? []);
}
