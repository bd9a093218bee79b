import { createHash } from 'node:crypto';
import type pg from 'pg';
import { z } from 'zod';
import { readSql } from '../duckdb/statement.ts';

/** A recall as it is recorded in dreams.recall_events. */
export interface RecordedRecall {
  readonly recallId: string;
  /** The profile's. */
  readonly target: string;
  /** Whose memories were asked; null: all agents'. */
  readonly agent: string | null;
  readonly question: string;
  /** Whether the question's text is kept besides its hash. */
  readonly keepsQuestion: boolean;
  /** When it was asked, ISO 8601. */
  readonly askedAt: string;
  /** The memories that it gave, best first. */
  readonly memoryIds: readonly string[];
}

export type Grade = 'used' | 'wrong';

const givenRows = z.array(
  z.object({ target: z.string(), memory_id: z.string(), grade: z.enum(['used', 'wrong']).nullable() }),
);

/** A memory that a recall gave, and what was said of it. */
export type Given = z.infer<typeof givenRows>[number];

/** Adds a recall, one row for each memory that it gave. @throws pg.DatabaseError where it cannot be added */
export async function recordRecall(client: pg.ClientBase, recall: RecordedRecall): Promise<void> {
  const { target, recallId, agent, question, keepsQuestion, askedAt, memoryIds } = recall;
  const hash = createHash('sha256').update(question).digest('hex');
  // PostgreSQL stores no NUL, and what is kept is for reading only.
  const kept = keepsQuestion ? question.replaceAll('\0', '').toWellFormed() : null;
  const values = [target, recallId, agent, hash, kept, askedAt, memoryIds];
  await client.query(read('record'), values);
}

/** What a recall gave, best first; none where it is not recorded. */
export async function readRecall(client: pg.ClientBase, recallId: string): Promise<Given[]> {
  return givenRows.parse((await client.query(read('read'), [recallId])).rows);
}

/**
 * Adds grades to a recall; a memory that has one already keeps it. `asOf` is when they were given, ISO 8601: by default as long after
 * the question as they really were.
 */
export async function gradeRecall(
  client: pg.ClientBase,
  {
    target,
    recallId,
    asOf = null,
  }: { readonly target: string; readonly recallId: string; readonly asOf?: string | null },
  grades: ReadonlyMap<string, Grade>,
): Promise<number> {
  const values = [target, recallId, asOf, [...grades.keys()], [...grades.values()]];
  return (await client.query(read('grade'), values)).rowCount ?? 0;
}

function read(verb: string): string {
  return readSql(new URL(`./events.${verb}.sql`, import.meta.url));
}
