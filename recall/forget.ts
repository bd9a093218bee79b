import { z } from 'zod';
import type { RecallFile } from './file.ts';

/** A memory as it is shown before it is forgotten. */
export interface Held {
  readonly id: string;
  readonly content: string;
  readonly agent: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

const heldRows = z.array(
  z.object({ memory_id: z.string(), agent: z.string(), content: z.string(), created_at: z.date() }),
);

/** The memories with these ids, in their order, as far as the recall file has them. */
export async function lookUp(file: RecallFile, ids: readonly string[]): Promise<Held[]> {
  const statement = new URL('./forget.look-up.sql', import.meta.url);
  const rows = heldRows.parse(await file.query(statement, { ids: JSON.stringify(ids) }));
  const found = new Map(rows.map((row) => [row.memory_id, row]));
  return [...new Set(ids)].flatMap((id) => {
    const row = found.get(id);
    if (row === undefined) return [];
    return [{ id, content: row.content, agent: row.agent, createdAt: row.created_at.toISOString() }];
  });
}
