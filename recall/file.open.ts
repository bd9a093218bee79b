import { existsSync, statSync } from 'node:fs';
import { z } from 'zod';
import { openAttached, type Database, type DuckDBConnection } from '../duckdb/database.ts';
import { readSql, runFile } from '../duckdb/statement.ts';
import { firstLineOf, ServiceError } from '../memory/errors.ts';
import type { Profile } from '../profiles/profile.ts';
import { redact } from '../profiles/redact.ts';
import { quoteLiteral } from '../profiles/sql.ts';
import { additionsOf, FORMAT, stampOf } from './paths.ts';

/** Bytes before the first block of a DuckDB file. */
const HEADERS = 3 * 4096;

const sizeRow = z.object({ bytes: z.number() });
const formatRow = z.object({ format: z.number() });
const metaRow = z.object({
  /** Which base this is, or the additions go on from. */
  base_id: z.string(),
  cycle_id: z.string(),
  /** When the newest memory was written that the file holds. */
  newest_at: z.date().nullable(),
  /** Whose vectors it holds. */
  model: z.string().nullable(),
  /** Hash of the parameters with which its newest cycle was lived; files of before have none. */
  parameters: z.string().nullable().default(null),
  /** After a longer silence an agent's next memory begins another session. */
  session_silence_ms: z.number(),
});

export type RecallMeta = z.infer<typeof metaRow>;

/** Thrown when there is no recall file, or none that this program can read; says which file, why, and what to do. */
export class UnreadableFileError extends ServiceError {
  override readonly name = 'UnreadableFileError';
}

/** A file that was opened, and whether additions go on from it. */
export interface Opened {
  readonly database: Database;
  readonly meta: RecallMeta;
  readonly isExtended: boolean;
}

const META = new URL('./file.meta.sql', import.meta.url);

/** Times that a file is opened again because another one has taken its place meanwhile. */
const MOST_ATTEMPTS = 5;

/**
 * Opens a recall file as it is in one moment, with the additions to it unless the base `alone` is wanted. The two are put in place one
 * after the other: additions that go on from another base are left out, as this one has what they had; and if the base was replaced
 * meanwhile, both are opened again.
 * @throws UnreadableFileError
 */
export async function openPublished(path: string, profile: Profile, alone = false): Promise<Opened> {
  for (let attempt = 1; ; attempt += 1) {
    const stamp = stampOf(path);
    const base = await openBase(path, profile);
    const opened = alone ? base : await extend(base, additionsOf(path));
    if (stampOf(path) === stamp || attempt === MOST_ATTEMPTS) return opened;
    opened.database.close();
  }
}

async function openBase(path: string, profile: Profile): Promise<Opened> {
  if (!existsSync(path))
    throw new UnreadableFileError(`${path}: there is no recall file yet. The next cycle makes it: biomem cycle run`);
  return naming(path, async () => {
    const check = async (connection: DuckDBConnection) => {
      await requireWhole(connection, 'recall', path);
      await requireFormat(connection);
    };
    const database = await openAttached(path, 'recall', profile, check);
    return closing(database, async () => ({ database, meta: await readMeta(database), isExtended: false }));
  });
}

/** The same with the additions at `path`, where there are any to this base. */
async function extend(base: Opened, path: string): Promise<Opened> {
  if (!existsSync(path)) return base;
  const { database } = base;
  const attach = async (connection: DuckDBConnection) => {
    await connection.run(`attach ${quoteLiteral(path)} as day (read_only)`);
    await requireWhole(connection, 'day', path);
    await connection.run(`set search_path = 'memory.main,day.main'`);
    await requireFormat(connection);
    const meta = metaRow.parse((await runFile(connection, META))[0]);
    if (meta.base_id !== base.meta.base_id) return base;
    await connection.run(readSql(new URL('./file.views.sql', import.meta.url)));
    return { database, meta, isExtended: true };
  };
  return naming(path, () => closing(database, () => database.use(attach)));
}

/** What is missing at its end would be noticed only where a question needs it. */
async function requireWhole(connection: DuckDBConnection, name: string, path: string): Promise<void> {
  const [size] = await runFile(connection, new URL('./file.size.sql', import.meta.url), { name });
  const [has, needs] = [statSync(path).size, HEADERS + sizeRow.parse(size).bytes];
  if (has < needs) throw new ServiceError(`it is cut off: it has ${String(has)} of ${String(needs)} bytes`);
}

async function requireFormat(connection: DuckDBConnection): Promise<void> {
  const { format } = formatRow.parse((await runFile(connection, META))[0]);
  if (format !== FORMAT)
    throw new ServiceError(`its format is ${String(format)}, this program reads ${String(FORMAT)}`);
}

async function readMeta(database: Database): Promise<RecallMeta> {
  return metaRow.parse((await database.use((connection) => runFile(connection, META)))[0]);
}

/** Closes the database where the body fails. */
async function closing<T>(database: Database, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    database.close();
    throw error;
  }
}

async function naming<T>(path: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    const why = redact(firstLineOf(error));
    throw new UnreadableFileError(`${path}: cannot be used: ${why}. The next cycle makes it again: biomem cycle run`);
  }
}
