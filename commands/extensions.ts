import type { Command } from 'commander';
import type { ExtensionOutcome, ExtensionStatus } from '../duckdb/extension-list.ts';
import { createContext, type Context, type SharedOptions } from '../program/context.ts';
import { print, withSharedOptions } from './options.ts';

/** `biomem extensions install` and `list`: the DuckDB extensions that the profile needs. */
export function addExtensions(program: Command): void {
  const extensions = program
    .command('extensions')
    .description('the DuckDB extensions of the profile: where they come from, and putting them in place')
    .addHelpText('after', '\nExample:\n  biomem extensions list');
  withSharedOptions(extensions.command('list'))
    .description(
      'each extension of the target: built in, installed or not, for which DuckDB, and where from; fetches nothing',
    )
    .argument('[names...]', 'extensions to look at (default: those that the target needs)')
    .addHelpText('after', '\nExample:\n  biomem extensions list --target prod')
    .action(list);
  withSharedOptions(extensions.command('install'))
    .description('load each extension once, getting it first if it is not here, and say where it came from')
    .argument('[names...]', 'extensions to install (default: those that the target needs)')
    .addHelpText('after', '\nExample:\n  biomem extensions install\n  biomem extensions install ducklake vss')
    .action(install);
}

async function list(names: string[], options: SharedOptions): Promise<void> {
  const context = createContext(options);
  const { listExtensions } = await import('../duckdb/extension-list.ts');
  const found = await listExtensions(context.offlineProfile(), names);
  const state = ({ state, duckdb }: ExtensionStatus) =>
    state === 'of another DuckDB' ? `for DuckDB ${duckdb ?? '?'}` : state;
  printTable(context, found, (each) => [each.name, state(each), each.version ?? '', each.from ?? '']);
}

async function install(names: string[], options: SharedOptions): Promise<void> {
  const context = createContext(options);
  const [{ installExtensions }, { ServiceError }] = await Promise.all([
    import('../duckdb/extension-list.ts'),
    import('../memory/errors.ts'),
  ]);
  const done = await installExtensions(context.offlineProfile(), names, context.report);
  const outcome = ({ error, from }: ExtensionOutcome) => (error === null ? (from ?? '') : 'could not be fetched');
  printTable(context, done, (each) => [each.name, each.state, each.version ?? '', outcome(each)]);
  const failures = done.extensions.flatMap(({ error }) => error ?? []);
  if (failures.length > 0) throw new ServiceError(failures.join('\n'));
}

function printTable<Status extends ExtensionStatus>(
  context: Context,
  result: { readonly duckdb: string; readonly extensions: readonly Status[] },
  cells: (each: Status) => string[],
): void {
  print(context, result, () => {
    const rows = result.extensions.map(cells);
    const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
    const line = (row: string[]) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd();
    return [`DuckDB ${result.duckdb}`, ...rows.map(line)].join('\n');
  });
}
