import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, isAbsolute } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { ServiceError } from '../memory/errors.ts';
import type { Profile } from '../profiles/profile.ts';
import { redact } from '../profiles/redact.ts';
import { attachSql, quoteIdentifier, quoteLiteral, secretSql } from '../profiles/sql.ts';
import type { Model } from '../llm/model.ts';
import { loadExtension } from './extensions.ts';
import { LlmAnswers } from './llm-answers.ts';
import { registerLlmFunctions, type LlmFunctions } from './llm-functions.ts';
import { migrate } from './migrations.ts';
import { readSql } from './statement.ts';

const MACROS = new URL('./macros.sql', import.meta.url);

/** Settings of the PostgreSQL extension count only for attachments made after them. */
const BEFORE_ATTACH = /^pg_/;

export type { DuckDBConnection } from '@duckdb/node-api';

/** An open database: connections are borrowed, never held. */
export interface Database {
  readonly path: string;
  /**
   * Lends a connection of its own, in UTC, and closes it afterwards, whatever happens. `signal` ends what its statements ask
   * of a model.
   */
  use<T>(body: (connection: DuckDBConnection) => Promise<T>, options?: { signal?: AbortSignal }): Promise<T>;
  /** Closes the file; other processes can open it from then on. */
  close(): void;
}

/** Thrown when another process has the database file open; DuckDB lets no second one in, not even to read. */
export class DatabaseHeldError extends ServiceError {
  constructor(
    readonly path: string,
    readonly program: string,
    readonly pid: number,
  ) {
    super(`${path} is held by another process: ${program} (pid ${pid}). One process owns a database file at a time.`);
  }
}

/**
 * Opens the database of a profile, in this order and for these reasons: the file; extensions, which attachments need;
 * secrets, which attachments use; macros; attachments; settings, as dbt does after attaching, but those of the PostgreSQL
 * extension before; migrations, when every function they may use is there; the LLM functions, which ask `model`.
 * @throws DatabaseHeldError, ServiceError (extension or attachment out of reach), ConfigurationError (newer database)
 */
export async function connect(
  profile: Profile,
  report: (line: string) => void,
  model: Model | null = null,
): Promise<Database> {
  const instance = await openInstance(profile);
  const answers = new LlmAnswers((body) => lend(instance, body), model, profile.pipeline.llm.cache);
  let functions: LlmFunctions;
  try {
    const connection = await instance.connect();
    try {
      for (const extension of profile.extensions) await loadExtension(connection, extension, report);
      for (const [index, secret] of profile.secrets.entries()) await connection.run(secretSql(secret, index + 1));
      makeTempDirectory(profile);
      const settings = Object.entries({ ...defaultThreads(profile), ...profile.settings });
      for (const [name, value] of settings.filter(([name]) => BEFORE_ATTACH.test(name)))
        await set(connection, name, value);
      for (const attachment of profile.attach) await attach(connection, attachment);
      for (const [name, value] of settings.filter(([name]) => !BEFORE_ATTACH.test(name)))
        await set(connection, name, value);
      await migrate(connection, profile.path);
      await connection.run(readSql(MACROS));
      functions = registerLlmFunctions(connection, answers.resolve);
    } finally {
      connection.closeSync();
    }
  } catch (error) {
    instance.closeSync();
    throw error;
  }
  return {
    path: profile.path,
    use: (body, { signal } = {}) =>
      lend(instance, (connection) => functions.serve(connection, () => body(connection), signal)),
    close: () => {
      instance.closeSync();
    },
  };
}

/** Opens a file to read its state, without attachments. @throws DatabaseHeldError while a worker has it open */
export async function openReadOnly(path: string): Promise<Database> {
  const instance = await open(path, { access_mode: 'READ_ONLY' });
  return {
    path,
    use: (body) => lend(instance, body),
    close: () => {
      instance.closeSync();
    },
  };
}

/** The instance comes from the cache: a second `create` on one file in one process takes no lock and loses data. */
async function openInstance(profile: Profile): Promise<DuckDBInstance> {
  const config = Object.fromEntries(
    Object.entries(profile.configOptions).map(([name, value]) => [name, String(value)]),
  );
  // Only a plain path has a folder; `ducklake:...` and its kin are addresses.
  if (isAbsolute(profile.path)) mkdirSync(dirname(profile.path), { recursive: true });
  return open(profile.path, config);
}

async function open(path: string, config: Record<string, string>): Promise<DuckDBInstance> {
  try {
    return await DuckDBInstance.fromCache(path, config);
  } catch (error) {
    throw holder(path, error) ?? error;
  }
}

/**
 * The profile's own count of threads, unless it sets DuckDB's, and never more than there are cores: four threads on two
 * cores took 36 s of CPU for what one does in 29 s (thirty nights of the sample journal), and no less time.
 */
function defaultThreads({ threads, settings, configOptions }: Profile): { threads?: number } {
  return 'threads' in settings || 'threads' in configOptions
    ? {}
    : { threads: Math.min(threads, availableParallelism()) };
}

/** DuckDB makes the folder it spills to, but not the one above it, and finds out only when it has to spill. */
function makeTempDirectory({ settings, configOptions }: Profile): void {
  const folder = settings['temp_directory'] ?? configOptions['temp_directory'];
  if (typeof folder === 'string' && folder !== '') mkdirSync(folder, { recursive: true });
}

function holder(path: string, error: unknown): DatabaseHeldError | undefined {
  const match = /Conflicting lock is held in (.+?) \(PID (\d+)\)/.exec(String(error));
  return match?.[1] === undefined ? undefined : new DatabaseHeldError(path, match[1], Number(match[2]));
}

async function attach(connection: DuckDBConnection, attachment: Profile['attach'][number]): Promise<void> {
  try {
    await connection.run(attachSql(attachment));
  } catch (error) {
    const reason = redact(error instanceof Error ? error.message : String(error));
    throw new ServiceError(
      `attachment ${attachment.alias} (${redact(attachment.path)}): ${reason} ` +
        `Its address comes from the profile, by default from POSTGRES_DB_URL (TEST_DATABASE_URL for target test).`,
    );
  }
}

async function set(connection: DuckDBConnection, name: string, value: string | number | boolean): Promise<void> {
  await connection.run(`set ${quoteIdentifier(name)} = ${quoteLiteral(String(value))}`);
}

async function lend<T>(instance: DuckDBInstance, body: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const connection = await instance.connect();
  try {
    await connection.run(`set TimeZone = 'UTC'`);
    return await body(connection);
  } finally {
    connection.closeSync();
  }
}
