import { onTestFinished } from 'vitest';
import type { Row } from '../../duckdb/statement.ts';
import { connectWithLlm, type LlmDatabase } from '../../llm-sql/database.ts';
import { runStatement } from '../../llm-sql/statement.ts';
import type { Model } from '../../llm/model.ts';
import type { Profile } from '../../profiles/profile.ts';
import { makeProfile } from './database.ts';

/** A profile's database whose LLM functions `model` answers, closed after the test. */
export async function openLlmDatabase(
  profile: Profile = makeProfile(),
  model: Model | null = null,
): Promise<LlmDatabase> {
  const database = await connectWithLlm(profile, () => undefined, { model, embedding: model });
  onTestFinished(() => database.close());
  return database;
}

/** All rows of a statement that may call LLM functions. */
export async function run(database: LlmDatabase, sql: string, signal?: AbortSignal): Promise<Row[]> {
  const result = await database.use((connection) => runStatement(connection, 'a statement', sql), signal && { signal });
  return result.getRowObjectsJS();
}
