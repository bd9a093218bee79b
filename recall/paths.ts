import { statSync } from 'node:fs';
import { join } from 'node:path';

/** Raised when the tables of a recall file change, so that a reader refuses what it does not know. */
export const FORMAT = 6;

/** The recall file of a database: beside it, or of one in memory in the workspace. */
export function recallFileOf(
  { path, target }: { readonly path: string; readonly target: string },
  workspace: string,
): string {
  const stem = path === ':memory:' ? join(workspace, target) : path.replace(/\.duckdb$|\.db$/, '');
  return `${stem}.recall.duckdb`;
}

/** What has changed since a recall file was made: a file beside it, or none. */
export function additionsOf(file: string): string {
  return file.replace(/\.recall\.duckdb$/, '.recall.day.duckdb');
}

/** Where the next file of the two is made before it takes the place of the one that is there, with what DuckDB puts beside it. */
export function nextFiles(file: string): [next: string, ...beside: string[]] {
  const next = file.replace(/\.recall\.duckdb$/, '.recall.next.duckdb');
  return [next, ...['.wal', '.wal.checkpoint', '.wal.recovery'].map((suffix) => next + suffix)];
}

/** The files that the worker opens besides its own. */
export function publishedFiles(file: string): string[] {
  return [file, `${file}.wal`, ...nextFiles(file)];
}

/** What tells the file at a path from any other in its place, before or after; null where there is none. */
export function stampOf(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : [found.dev, found.ino, found.size, found.mtimeNs].join(' ');
}
