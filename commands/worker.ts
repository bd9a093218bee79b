import type { Command } from 'commander';
import type { TemporalTarget } from '../client.ts';
import { ConfigurationError, ServiceError } from '../memory/errors.ts';
import { requireSource } from '../profiles/profile.ts';
import { createContext, withServices, type Context, type SharedOptions } from '../program/context.ts';
import { withSharedOptions } from './options.ts';
import { describeNamespace, temporalOptions, withClient } from '../program/temporal.ts';
import type { Namespace } from '../services/configured.ts';
import type { Services } from '../services/services.ts';

/** `biomem worker`: the one process that owns the DuckDB file. */
export function addWorker(program: Command): void {
  withSharedOptions(program.command('worker'))
    .description('run the worker alone: the one process that owns the DuckDB file')
    .addHelpText('after', '\nExample:\n  biomem worker --target prod')
    .action(async (options: SharedOptions) => {
      const context = createContext(options);
      requireSource(context.offlineProfile());
      const { refuseEmbedded } = await import('../program/fed-from.ts');
      await refuseEmbedded(context);
      await withServices(context, (services) => serve(context, services));
    });
}

async function serve(context: Context, services: Services): Promise<void> {
  const { address } = services.temporal;
  const [
    { runWorker },
    { prepareSource },
    { createReader },
    { forgetWorker, recordWorker },
    { workerIdentity },
    { recallFileOf },
  ] = await Promise.all([
    import('../worker.ts'),
    import('../program/source.ts'),
    import('../profiles/reader.ts'),
    import('../services/state.ts'),
    import('../services/rival.ts'),
    import('../recall/paths.ts'),
  ]);
  const namespace = await context.namespace();
  await withClient(context, address, (_, temporal) => prepare(context, temporal, namespace));
  await prepareSource(context, services.postgres);
  const profile = context.profile(services);
  const { rememberSource, requireEmbeddedTable } = await import('../program/fed-from.ts');
  await requireEmbeddedTable(context, services, profile);
  for (const warning of profile.warnings) context.report(warning);
  const connectionOptions = await temporalOptions(context, address);
  let forget = (): Promise<void> => Promise.resolve();
  try {
    const work = () =>
      runWorker({
        profile,
        readProfile: createReader(() => context.profile(services), context.env),
        postgresUrl: services.postgres.url,
        temporal: connectionOptions,
        namespace: namespace.name,
        identity: workerIdentity(context.target),
        signal: parentGone(),
        report: context.report,
        recallFile: recallFileOf(profile, context.workspace),
        ready: async () => {
          // Only now: one that is refused because another owns the database must not be taken for it.
          await recordWorker(context.workspace, { target: context.target, pid: process.pid, version: '1' });
          await rememberSource(context, profile);
          forget = () => forgetWorker(context.workspace, process.pid);
          context.report(`worker: serves ${describeNamespace(namespace)} at ${address}, owns ${profile.path}`);
          process.send?.('ready');
        },
      });
    await (profile.keepOpen || profile.path === ':memory:' ? work() : owning(profile.path, work));
  } finally {
    await forget();
    if (process.connected) process.disconnect();
  }
}

/** Makes the namespace where it is missing. @throws ConfigurationError when another target's worker serves it */
async function prepare({ target, report }: Context, temporal: TemporalTarget, namespace: Namespace): Promise<void> {
  const [{ findRival }, { prepareNamespace }] = await Promise.all([
    import('../services/rival.ts'),
    import('../services/namespaces.ts'),
  ]);
  if (await prepareNamespace({ ...temporal, target }))
    report(`worker: made the ${describeNamespace(namespace)}, which was not there`);
  const rival = await findRival(temporal, target);
  if (rival === null) return;
  throw new ConfigurationError(
    `another target's worker serves ${describeNamespace(namespace)}: ${rival}. The two would take each other's tasks. ` +
      'Stop it, or give each target a namespace of its own in pipeline.temporal.namespace.',
  );
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
