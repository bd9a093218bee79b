import { z } from 'zod';
import { openScratch, type Database } from '../duckdb/database.ts';
import { createFormulas } from '../duckdb/macros.ts';
import { readSql, runFile, runText } from '../duckdb/statement.ts';
import type { Profile } from '../profiles/profile.ts';
import { readView } from '../source/view.ts';
import type { Fetched } from './newer.source.ts';

const newerRows = z.array(
  z.object({
    memory_id: z.string(),
    agent: z.string(),
    content: z.string(),
    context: z.string().nullable(),
    tags: z.array(z.string()),
    created_at: z.date(),
    /** Whether the file has the memory, in other words. */
    is_known: z.boolean(),
  }),
);

/** A row of the agents' table that no cycle has taken yet, or has taken in other words. */
export type NewerRow = z.infer<typeof newerRows>[number];

/** Of rows as they came those that a file does not have, read as a cycle reads them; `database` is the file's, or `openNothing`. */
export async function chooseNewer(database: Database, { rows, receive }: Fetched): Promise<NewerRow[]> {
  return database.use(async (connection) => {
    const source = `create or replace temp table source_column as ${receive}`;
    await runText(connection, 'the rows of the source table', source, { rows });
    for (const view of ['key', 'memory'] as const) await runText(connection, `view.${view}.sql`, readView(view));
    return newerRows.parse(await runFile(connection, new URL('./newer.select.sql', import.meta.url)));
  });
}

/** What rows are compared with where there is no recall file. */
export async function openNothing(profile: Profile): Promise<Database> {
  const database = await openScratch();
  const make = readSql(new URL('./newer.nothing.sql', import.meta.url));
  await database.use(async (connection) => {
    await connection.run(make);
    await createFormulas({ connection, profile });
  });
  // As readers of a file have it.
  return {
    ...database,
    use: (body) => database.use((connection) => connection.run(`set TimeZone = 'UTC'`).then(() => body(connection))),
  };
}
