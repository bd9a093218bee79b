import type { Command } from 'commander';
import type { StateChecksum } from '../memory/types.ts';
import { createContext, type Context, type SharedOptions } from '../program/context.ts';
import { print, withSharedOptions } from './options.ts';
import { temporalAddress, withClient } from '../program/temporal.ts';

/** `biomem checksum`: equal means equal state. */
export function addChecksum(program: Command): void {
  withSharedOptions(program.command('checksum'))
    .description('rows and an order-independent hash for each state table: equal means equal state')
    .addHelpText('after', '\nExample:\n  biomem checksum --workspace .biological-memory/dream')
    .action(async (options: SharedOptions) => {
      const context = createContext(options);
      const result = await readState(context);
      print(context, result, () => printChecksum(result));
    });
}

/** From the file itself; while a worker holds it, from the worker. */
async function readState(context: Context): Promise<StateChecksum> {
  const [{ existsSync }, { openReadOnly, DatabaseHeldError }, { computeChecksum }, { ConfigurationError }] =
    await Promise.all([
      import('node:fs'),
      import('../duckdb/database.ts'),
      import('../duckdb/checksum.ts'),
      import('../memory/errors.ts'),
    ]);
  const { path, schema } = context.offlineProfile();
  if (path !== ':memory:' && !existsSync(path))
    throw new ConfigurationError(
      `${path}: there is no database yet. Run a cycle first (npm start), or name another --workspace or --target.`,
    );
  try {
    if (path === ':memory:') return await askWorker(context);
    const database = await openReadOnly(path, schema);
    try {
      return await database.use(computeChecksum);
    } finally {
      database.close();
    }
  } catch (error) {
    if (!(error instanceof DatabaseHeldError)) throw error;
    context.report(`checksum: ${error.message} Asking it.`);
    return askWorker(context);
  }
}

async function askWorker(context: Context): Promise<StateChecksum> {
  const { readChecksum, requireWorker } = await import('../client.ts');
  return withClient(context, await temporalAddress(context), async (client, temporal) => {
    await requireWorker(temporal);
    return readChecksum(client);
  });
}

function printChecksum({ checksum, tables }: StateChecksum): string {
  const width = Math.max(...tables.map(({ table }) => table.length));
  const lines = tables.map(({ table, rows, hash }) => `${table.padEnd(width)}  ${String(rows).padStart(10)}  ${hash}`);
  return [...lines, checksum].join('\n');
}
