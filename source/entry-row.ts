import type { JournalEntry } from './journal.ts';
import type { Column, Field, FittedSource } from './fit.ts';

const UUID = /^[\da-f]{8}(?:-?[\da-f]{4}){3}-?[\da-f]{12}$/i;

/**
 * A journal entry under the column names of the agents' table, in the shape that each column's type reads. What is not in it is
 * left to the database: an id that the column cannot hold, a context or an agent that the entry does not have, `generated` columns.
 */
export function toRow(
  entry: JournalEntry,
  fitted: FittedSource,
  generated: readonly string[],
): Record<string, unknown> {
  const { columns } = fitted;
  const values = {
    id: holds(columns.id, entry.id) ? entry.id : undefined,
    content: entry.content,
    created_at: entry.created_at,
    updated_at: entry.updated_at,
    tags: columns.tags?.kind === 'text' ? writeTags(entry.tags) : entry.tags,
    context: entry.context ?? undefined,
    metadata: entry.metadata,
    agent: agentOf(entry, fitted),
  } satisfies Record<Field, unknown>;
  const row: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(values)) {
    const column = columns[field as Field];
    // One column may stand for two fields, created_at and updated_at for example: the first fills it.
    if (column === null || value === undefined || column.name in row || generated.includes(column.name)) continue;
    row[column.name] = value;
  }
  return row;
}

/** Whether a column can hold the id; what it cannot is made by the database. */
function holds({ kind }: Column, id: string): boolean {
  if (kind === 'text') return true;
  if (kind === 'uuid') return UUID.test(id);
  return kind === 'number' && /^-?\d+$/.test(id);
}

/** `a, b`, as ingest reads it; JSON where a tag holds what would be read otherwise. */
function writeTags(tags: readonly string[]): string {
  const plain = tags.every((tag) => tag !== '' && tag === tag.trim() && !/[,"[\]{}]/.test(tag));
  return plain ? tags.join(', ') : JSON.stringify(tags);
}

/** A journal names the agent in its metadata; a column of its own, or another JSON column, gets it from there. */
function agentOf({ metadata }: JournalEntry, { columns, agentField }: FittedSource): unknown {
  const agent = metadata['agent'];
  if (typeof agent !== 'string' && typeof agent !== 'number') return undefined;
  if (agentField === null) return String(agent);
  const object = { [agentField]: agent };
  return columns.agent?.kind === 'text' ? JSON.stringify(object) : object;
}
