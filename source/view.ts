import { readFileSync } from 'node:fs';

/**
 * The text of a view for DuckDB over `source_column`, which gives what `projectSource` does: `source_key`, and on it `source_memory`. The
 * formulas of `duckdb/` have to be there.
 */
export function readView(name: 'key' | 'memory'): string {
  return readFileSync(new URL(`./view.${name}.sql`, import.meta.url), 'utf8');
}
