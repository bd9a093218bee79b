import { join } from 'node:path';

/** Raised when the tables of a recall file change, so that a reader refuses what it does not know. */
export const FORMAT = 3;

/** The recall file of a database: beside it, or of one in memory in the workspace. */
export function recallFileOf(
  { path, target }: { readonly path: string; readonly target: string },
  workspace: string,
): string {
  const stem = path === ':memory:' ? join(workspace, target) : path.replace(/\.duckdb$|\.db$/, '');
  return `${stem}.recall.duckdb`;
}

/** Where the next recall file is made before it takes the place of the one that is there, with what DuckDB puts beside it. */
export function nextFiles(file: string): [next: string, ...beside: string[]] {
  const next = file.replace(/\.recall\.duckdb$/, '.recall.next.duckdb');
  return [next, ...['.wal', '.wal.checkpoint', '.wal.recovery'].map((suffix) => next + suffix)];
}
