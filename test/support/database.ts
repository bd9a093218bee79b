import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { connect, type Database } from '../../duckdb/database.ts';
import type { Row } from '../../duckdb/statement.ts';
import type { Parameters } from '../../memory/parameters.ts';
import { loadProfile, type Profile } from '../../profiles/profile.ts';

/** A folder that is gone after the test. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'biological-memory-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A profile whose agents' table lives in an in-memory database; `fields` replace or join those of the output. */
export function makeProfile(
  fields: Record<string, unknown> = {},
  parameters: Partial<Parameters> = {},
  target = 'test',
): Profile {
  const folder = mkdtempSync(join(tmpdir(), 'biological-memory-test-'));
  try {
    const output = {
      type: 'duckdb',
      path: ':memory:',
      threads: 1,
      extensions: ['json'],
      attach: [{ path: ':memory:', alias: 'source_memories' }],
      pipeline: { parameters },
      ...fields,
    };
    // JSON is YAML.
    const document = { biological_memory: { target, outputs: { [target]: output } } };
    writeFileSync(join(folder, 'profiles.yml'), JSON.stringify(document));
    return loadProfile({ profilesDir: folder, profile: 'biological_memory', env: {}, cwd: folder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A profile's database, opened as the worker opens it and closed after the test. */
export async function openDatabase(profile: Profile = makeProfile()): Promise<Database> {
  const database = await connect(profile, () => undefined);
  onTestFinished(() => database.close());
  return database;
}

/** All rows of a query as plain values. */
export async function query(database: Database, sql: string): Promise<Row[]> {
  return database.use(async (connection) => (await connection.runAndReadAll(sql)).getRowObjectsJS());
}

/** The one value of a query that has one row and one column. */
export async function value(database: Database, sql: string): Promise<unknown> {
  const [row] = await query(database, sql);
  return Object.values(row ?? {})[0];
}
