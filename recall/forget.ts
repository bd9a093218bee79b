import type { RecallFile } from './file.ts';

/** A memory as it is shown before it is forgotten. */
export interface Held {
  readonly id: string;
  readonly content: string;
  readonly agent: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** The memories with these ids, in their order, as far as the recall file has them. */
export async function lookUp(file: RecallFile, ids: readonly string[], asOf: string): Promise<Held[]> {
  const details = await file.details(ids, asOf);
  return [...new Set(ids)].flatMap((id) => {
    const found = details.get(id);
    if (found === undefined) return [];
    return [{ id, content: found.content, agent: found.agent, createdAt: found.created_at.toISOString() }];
  });
}
