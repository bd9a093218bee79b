import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBResultReader, DuckDBValue } from '@duckdb/node-api';
import { redact } from '../profiles/redact.ts';
import { findCopiedQuery } from './copied-query.ts';
import { sessionOf } from './llm-session.ts';
import { transact } from './transaction.ts';

/** A value bound to a `$name` of a statement; times go in as ISO strings and are cast in SQL. */
export type Parameter = string | number | boolean | null;

/** One row as plain JavaScript values; parse it with zod where it is used. BIGINT arrives as bigint. */
export type Row = Record<string, unknown>;

/**
 * Thrown when a statement fails; names it and repeats DuckDB's own message, redacted. The original error is not kept: DuckDB
 * quotes the address of a database that it cannot reach, password included, and a cause would carry that into Temporal's
 * history.
 */
class StatementError extends Error {
  override readonly name = 'StatementError';
}

const texts = new Map<string, string>();

/** The text of a `.sql` file, read once. */
export function readSql(file: URL): string {
  const known = texts.get(file.href);
  if (known !== undefined) return known;
  const text = readFileSync(file, 'utf8');
  texts.set(file.href, text);
  return text;
}

/**
 * Runs the one statement of a `.sql` file and gives its rows. Of `parameters` it binds just those that the statement
 * names, because DuckDB refuses superfluous ones; one that is missing is an error.
 * @throws StatementError with the file's name
 */
export async function runFile(connection: DuckDBConnection, file: URL, parameters: Parameters = {}): Promise<Row[]> {
  return runText(connection, basename(fileURLToPath(file)), readSql(file), parameters);
}

/**
 * The same for a statement that is built at run time; `name` is what it is called in an error.
 * @throws StatementError
 */
export async function runText(
  connection: DuckDBConnection,
  name: string,
  text: string,
  parameters: Parameters = {},
): Promise<Row[]> {
  return (await readText(connection, name, text, parameters)).getRowObjectsJS();
}

/**
 * The same with the names and types of the result's columns. A statement outside of a transaction that calls an LLM function,
 * by itself or through a view, a macro or a generated column, gets a transaction of its own; DuckDB tells of its calls, so one
 * without them costs nothing.
 * @throws StatementError; what the model throws
 */
export async function readText(
  connection: DuckDBConnection,
  name: string,
  text: string,
  parameters: Parameters = {},
): Promise<DuckDBResultReader> {
  const session = sessionOf(connection);
  const calls = () => session !== undefined && session.bound > 0;
  const again = () => transact(connection, () => readText(connection, name, text, parameters));
  return withStatement({ connection, name, text, parameters }, async (statement) => {
    if (calls() && session?.inPasses === false) return again();
    const copied = calls() ? findCopiedQuery(text) : null;
    if (copied !== null) {
      // A file cannot be rolled back: COPY has its turn when what it reads has run without a question.
      await withStatement({ connection, name, text: copied, parameters }, (query) => named(name, exhaust(query)));
      session?.refusePlaceholders();
    }
    const result = await named(name, statement.runAndReadAll()).catch((error: unknown) => {
      // Of a generated column that is inserted DuckDB tells only while it runs.
      if (calls() && session?.inPasses === false) return again();
      throw error;
    });
    session?.refusePlaceholders();
    return result;
  });
}

type Parameters = Record<string, Parameter | undefined>;

interface Statement {
  readonly connection: DuckDBConnection;
  readonly name: string;
  readonly text: string;
  readonly parameters: Parameters;
}

async function withStatement<T>(
  { connection, name, text, parameters }: Statement,
  body: (statement: DuckDBPreparedStatement) => Promise<T>,
): Promise<T> {
  sessionOf(connection)?.forgetBound();
  const statement = await named(name, connection.prepare(text));
  try {
    await named(name, bind(statement, parameters));
    return await body(statement);
  } finally {
    statement.destroySync();
  }
}

async function bind(statement: DuckDBPreparedStatement, parameters: Parameters): Promise<void> {
  statement.bind(chooseParameters(statement, parameters));
}

/** Names the statement whose error it is. */
async function named<T>(name: string, result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    throw new StatementError(redact(`${name}: ${error instanceof Error ? error.message : String(error)}`));
  }
}

/** Runs a query to its end without keeping its rows: a COPY may write more than fits into memory. */
async function exhaust(statement: DuckDBPreparedStatement): Promise<void> {
  const rows = await statement.stream();
  for (let more = true; more; more = ((await rows.fetchChunk())?.rowCount ?? 0) > 0);
}

function chooseParameters(statement: DuckDBPreparedStatement, parameters: Parameters): Record<string, DuckDBValue> {
  const chosen: Record<string, DuckDBValue> = {};
  for (let index = 1; index <= statement.parameterCount; index += 1) {
    const name = statement.parameterName(index);
    const value = parameters[name];
    if (value === undefined) throw new Error(`expected a value for $${name}, got none`);
    chosen[name] = value;
  }
  return chosen;
}
