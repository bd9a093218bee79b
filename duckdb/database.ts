import { mkdirSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { ServiceError } from '../memory/errors.ts';
import type { Profile } from '../profiles/profile.ts';
import { quoteIdentifier, quoteLiteral } from '../profiles/sql.ts';
import { createMacros } from './macros.ts';
import { OPENING, quoteHome, SEALING, setUp, STATE } from './opening.ts';
import { connecting, retry, type Opening } from './retry.ts';
import { isOpenOnly, setSql, type Setting } from './settings.ts';

export type { DuckDBConnection } from '@duckdb/node-api';

/** An open database: connections are borrowed, never held. */
export interface Database {
  readonly path: string;
  /**
   * Lends a connection of its own and closes it afterwards, whatever happens. It stands in the profile's database and schema.
   * It is in UTC, whatever the profile sets; one of a database without migrations has the profile's TimeZone and search_path.
   */
  use<T>(body: (connection: DuckDBConnection) => Promise<T>): Promise<T>;
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

/** What a caller may want otherwise. */
export interface ConnectOptions extends Pick<Opening, 'pause' | 'register' | 'allowedPaths'> {
  /** False: the database is left as it is, with nothing of ours in it, for somebody who only looks into it. */
  readonly migrations?: boolean;
}

/**
 * Opens the database of a profile: the file, then each step of `OPENING`, `STATE` and `SEALING`.
 * @throws DatabaseHeldError, ServiceError (extension or attachment out of reach), ConfigurationError (a setting that
 * DuckDB refuses, a database that cannot hold the state, a newer database)
 */
export async function connect(
  profile: Profile,
  report: (line: string) => void,
  { migrations = true, ...options }: ConnectOptions = {},
): Promise<Database> {
  const opening = { report, ...options };
  const instance = await openInstance(profile, opening);
  try {
    const steps = [...OPENING, ...(migrations ? STATE : []), ...SEALING];
    const { home, locals } = await setUp(steps, instance, profile, opening);
    const own = migrations ? [...ofNoConsequence(locals), `SET TimeZone = 'UTC'`] : locals.map(setSql);
    return lendFrom(instance, profile.path, [`USE ${quoteHome(home)}`, ...own]);
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

/** Opens a file to read the state in one of its schemas, without attachments. @throws DatabaseHeldError while a worker has it open */
export async function openReadOnly(path: string, schema = 'main'): Promise<Database> {
  const instance = await open(path, { access_mode: 'READ_ONLY' });
  return lendFrom(instance, path, [setSql({ name: 'schema', value: schema })]);
}

/**
 * Opens a file to read it, under an alias (a plain name), in an instance of its own: as often as wanted in one process, also while
 * another file takes its place. Beside it are the formulas, with the profile's parameters. `look` is run before these, which need tables.
 * @throws DuckDB's error where there is no file, or no database; what `look` throws
 */
export async function openAttached(
  path: string,
  alias: string,
  profile: Profile,
  look?: (connection: DuckDBConnection) => Promise<void>,
): Promise<Database> {
  const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false' });
  // What is made goes to memory; tables are found in the file.
  const enter = [`set search_path = 'memory.main,${alias}.main'`, `set TimeZone = 'UTC'`];
  try {
    const connection = await instance.connect();
    await connection.run(`attach ${quoteLiteral(path)} as ${quoteIdentifier(alias)} (read_only)`);
    for (const statement of enter) await connection.run(statement);
    await look?.(connection);
    await createMacros({ connection, profile });
    connection.closeSync();
    return lendFrom(instance, path, enter);
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

/** A database in memory that never fetches an extension: to try what a profile names without touching its file. */
export async function openScratch(config: Record<string, string> = {}): Promise<Database> {
  const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false', ...config });
  return lendFrom(instance, ':memory:', []);
}

/** The instance comes from the cache: a second `create` on one file in one process takes no lock and loses data. */
async function openInstance(profile: Profile, opening: Opening): Promise<DuckDBInstance> {
  const { path, configOptions } = profile;
  // Whatever can be set later is: DuckDB's word on a wrong value is "Failed to set config" here, and a sentence there.
  const options = Object.entries(configOptions).filter(([name]) => isOpenOnly(name));
  const config = Object.fromEntries(options.map(([name, value]) => [name, String(value)]));
  // Only a plain path has a folder; `ducklake:...` and the like are addresses.
  if (isAbsolute(path)) mkdirSync(dirname(path), { recursive: true });
  return open(path, config, (attempt) => retry(path, attempt, connecting(profile, opening)));
}

async function open(
  path: string,
  config: Record<string, string>,
  persist: typeof once = once,
): Promise<DuckDBInstance> {
  try {
    return await persist(() => DuckDBInstance.fromCache(path, config));
  } catch (error) {
    throw holder(path, error) ?? error;
  }
}

function once<T>(attempt: () => Promise<T>): Promise<T> {
  return attempt();
}

function holder(path: string, error: unknown): DatabaseHeldError | undefined {
  const match = /Conflicting lock is held in (.+?) \(PID (\d+)\)/.exec(String(error));
  return match?.[1] === undefined ? undefined : new DatabaseHeldError(path, match[1], Number(match[2]));
}

/** Where the pipeline's names lead and what its times mean is not for a profile to change. */
const PIPELINES_OWN = /^(?:schema|search_path|timezone|calendar)$/i;

function ofNoConsequence(locals: readonly Setting[]): string[] {
  return locals.filter(({ name }) => !PIPELINES_OWN.test(name)).map(setSql);
}

function lendFrom(instance: DuckDBInstance, path: string, statements: readonly string[]): Database {
  return {
    path,
    use: (body) => lend(instance, statements, body),
    close: () => {
      instance.closeSync();
    },
  };
}

async function lend<T>(
  instance: DuckDBInstance,
  statements: readonly string[],
  body: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const connection = await instance.connect();
  try {
    for (const statement of statements) await connection.run(statement);
    return await body(connection);
  } finally {
    connection.closeSync();
  }
}
