import type { Command } from 'commander';
import { ServiceError } from '../memory/errors.ts';
import { requireSource } from '../profiles/profile.ts';
import {
  createContext,
  temporalOptions,
  withClient,
  withServices,
  withSharedOptions,
  type Context,
  type SharedOptions,
} from './context.ts';
import type { Services } from '../services/services.ts';

/** `biomem worker`: the one process that owns the DuckDB file. */
export function addWorker(program: Command): void {
  withSharedOptions(program.command('worker'))
    .description('run the worker alone: the one process that owns the DuckDB file')
    .addHelpText('after', '\nExample:\n  biomem worker --target prod')
    .action(async (options: SharedOptions) => {
      const context = createContext(options);
      requireSource(context.offlineProfile());
      await withServices(context, (services) => serve(context, services));
    });
}

async function serve(context: Context, services: Services): Promise<void> {
  const { address } = services.temporal;
  const [
    { runWorker },
    { prepareSource },
    { createReader },
    { namespaceOf },
    { prepareNamespace },
    { forgetWorker, recordWorker },
  ] = await Promise.all([
    import('../worker.ts'),
    import('./source.ts'),
    import('../profiles/reader.ts'),
    import('../client.ts'),
    import('../services/namespaces.ts'),
    import('../services/state.ts'),
  ]);
  const namespace = namespaceOf(context.target);
  await withClient(context, address, (_, connection) => prepareNamespace({ connection, namespace }));
  await prepareSource(context, services.postgres);
  const profile = context.profile(services);
  for (const warning of profile.warnings) context.report(warning);
  const { connectionOptions } = await temporalOptions(context, address);
  let forget = (): Promise<void> => Promise.resolve();
  try {
    const work = () =>
      runWorker({
        profile,
        readProfile: createReader(() => context.profile(services), context.env),
        postgresUrl: services.postgres.url,
        temporal: connectionOptions,
        namespace,
        signal: parentGone(),
        report: context.report,
        ready: async () => {
          // Only now: one that is refused because another owns the database must not be taken for it.
          await recordWorker(context.workspace, { target: context.target, pid: process.pid, version: '1' });
          forget = () => forgetWorker(context.workspace, process.pid);
          context.report(`worker: serves namespace ${namespace} at ${address}, owns ${profile.path}`);
          process.send?.('ready');
        },
      });
    await (profile.keepOpen || profile.path === ':memory:' ? work() : owning(profile.path, work));
  } finally {
    await forget();
    if (process.connected) process.disconnect();
  }
}

/**
 * Where the file is closed between cycles its own lock does not keep a second worker away, so one lies beside it.
 * @throws ServiceError that names the other worker
 */
async function owning(path: string, work: () => Promise<void>): Promise<void> {
  const { withLock } = await import('../services/lock.ts');
  const refuse = (pid: number | undefined) => {
    throw new ServiceError(
      `${path} belongs to another worker: pid ${String(pid)}. One worker owns a database file at a time.`,
    );
  };
  await withLock(`${path}.worker`, { wait: 1_000, onWait: refuse }, work);
}

/** Aborted when the process that started this one is gone, however it ended: an orphan would keep the database locked. */
function parentGone(): AbortSignal {
  const controller = new AbortController();
  process.once('disconnect', () => {
    controller.abort();
  });
  return controller.signal;
}
