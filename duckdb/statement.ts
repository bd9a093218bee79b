import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBValue } from '@duckdb/node-api';
import { messageOf } from '../memory/errors.ts';
import { redact } from '../profiles/redact.ts';

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

/** Values by the names of a statement's parameters. */
export type Parameters = Record<string, Parameter | undefined>;

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
  return withStatement({ connection, name, text, parameters }, async (statement) =>
    (await statement.runAndReadAll()).getRowObjectsJS(),
  );
}

/** A text with its values, and what it is called in an error. */
export interface Statement {
  readonly connection: DuckDBConnection;
  readonly name: string;
  readonly text: string;
  readonly parameters: Parameters;
}

/** Lends a statement, prepared and with its values bound. @throws StatementError, also for what the body throws */
export async function withStatement<T>(
  { connection, name, text, parameters }: Statement,
  body: (statement: DuckDBPreparedStatement) => Promise<T>,
): Promise<T> {
  try {
    const statement = await connection.prepare(text);
    try {
      statement.bind(chooseParameters(statement, parameters));
      return await body(statement);
    } finally {
      statement.destroySync();
    }
  } catch (error) {
    throw new StatementError(redact(`${name}: ${messageOf(error)}`));
  }
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
