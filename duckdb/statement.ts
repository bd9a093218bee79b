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
export async function runFile(
  connection: DuckDBConnection,
  file: URL,
  parameters: Record<string, Parameter | undefined> = {},
): Promise<Row[]> {
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
  parameters: Record<string, Parameter | undefined> = {},
): Promise<Row[]> {
  return (await readText(connection, name, text, parameters)).getRowObjectsJS();
}

/**
 * The same with the names and types of the result's columns. A statement outside of a transaction that calls an LLM function,
 * by itself or through a view, a macro or a generated column, gets a transaction of its own: nothing has to be known of it
 * beforehand, and one without such a call costs nothing.
 * @throws StatementError; what the model throws
 */
export async function readText(
  connection: DuckDBConnection,
  name: string,
  text: string,
  parameters: Record<string, Parameter | undefined> = {},
): Promise<DuckDBResultReader> {
  const session = sessionOf(connection);
  const again = () => readText(connection, name, text, parameters);
  // A file cannot be rolled back: COPY has its turn when what it reads has run without a question.
  const copied = findCopiedQuery(text);
  let result;
  try {
    if (copied !== null) await execute(connection, copied, parameters, exhaust);
    session?.refusePlaceholders();
    result = await execute(connection, text, parameters, (statement) => statement.runAndReadAll());
  } catch (error) {
    if (session?.takeWanted()) return transact(connection, again);
    throw new StatementError(redact(`${name}: ${error instanceof Error ? error.message : String(error)}`));
  }
  session?.refusePlaceholders();
  return result;
}

async function execute<T>(
  connection: DuckDBConnection,
  text: string,
  parameters: Record<string, Parameter | undefined>,
  run: (statement: DuckDBPreparedStatement) => Promise<T>,
): Promise<T> {
  const statement = await connection.prepare(text);
  try {
    statement.bind(chooseParameters(statement, parameters));
    return await run(statement);
  } finally {
    statement.destroySync();
  }
}

/** Runs a query to its end without keeping its rows: a COPY may write more than fits into memory. */
async function exhaust(statement: DuckDBPreparedStatement): Promise<void> {
  const rows = await statement.stream();
  for (let more = true; more; more = ((await rows.fetchChunk())?.rowCount ?? 0) > 0);
}

function chooseParameters(
  statement: DuckDBPreparedStatement,
  parameters: Record<string, Parameter | undefined>,
): Record<string, DuckDBValue> {
  const chosen: Record<string, DuckDBValue> = {};
  for (let index = 1; index <= statement.parameterCount; index += 1) {
    const name = statement.parameterName(index);
    const value = parameters[name];
    if (value === undefined) throw new Error(`expected a value for $${name}, got none`);
    chosen[name] = value;
  }
  return chosen;
}
