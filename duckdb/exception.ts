import { messageOf } from '../memory/errors.ts';

/** How DuckDB's messages begin, and what dbt, whose DuckDB speaks Python, calls the exception; others are `<kind>Exception`. */
const NAMES: Readonly<Record<string, string>> = {
  IO: 'IOException',
  HTTP: 'HTTPException',
  INTERRUPT: 'InterruptException',
  FATAL: 'FatalException',
  INTERNAL: 'InternalException',
  TransactionContext: 'TransactionException',
};

/** After these an instance of DuckDB is of no use, however often it is asked. */
const HOPELESS = ['FatalException', 'InternalException'];

/**
 * dbt's name of an error of DuckDB: `IO Error: ...` is an IOException, `Out of Memory Error: ...` an OutOfMemoryException. What
 * failed may stand before it, as in `ingest.count.sql: Binder Error: ...`.
 */
export function exceptionName(error: unknown): string | undefined {
  const kind = /(?:^|: )([A-Za-z ]+?) Error: /.exec(messageOf(error))?.[1];
  if (kind === undefined) return undefined;
  const joined = kind.replaceAll(/ (\w)/g, (_, letter: string) => letter.toUpperCase());
  return NAMES[kind] ?? `${joined}Exception`;
}

/** Whether the instance that threw it is of no use any more: it has to be closed and opened again. */
export function breaksInstance(error: unknown): boolean {
  return HOPELESS.includes(exceptionName(error) ?? '');
}
