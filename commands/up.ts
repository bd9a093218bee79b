import type { Command } from 'commander';
import { requireSource } from '../profiles/profile.ts';
import { createContext, withServices, type SharedOptions } from '../program/context.ts';
import { withSharedOptions } from './options.ts';
import { withClient } from '../program/temporal.ts';

/** `biomem up` (`npm start`): everything, until Ctrl-C. */
export function addUp(program: Command): void {
  withSharedOptions(program.command('up'))
    .description('start services, worker and schedules, and stay until Ctrl-C (npm start)')
    .addHelpText('after', '\nExample:\n  biomem up --target prod')
    .action(up);
}

async function up(options: SharedOptions): Promise<void> {
  const context = createContext(options);
  requireSource(context.offlineProfile());
  const { refuseEmbedded, requireEmbeddedTable } = await import('../program/fed-from.ts');
  await refuseEmbedded(context);
  await withServices(context, async (services, interruption) => {
    const profile = context.profile(services);
    profile.warnings.forEach(context.report);
    const [{ startWorkerProcess }, { applySchedules }, { describeAccess }, { prepareSource }] = await Promise.all([
      import('./worker-process.ts'),
      import('../client.ts'),
      import('./access.ts'),
      import('../program/source.ts'),
    ]);
    await prepareSource(context, services.postgres);
    await requireEmbeddedTable(context, services, profile);
    const worker = await startWorkerProcess(context, services);
    try {
      await withClient(context, services.temporal.address, (client) =>
        applySchedules(client, profile.pipeline.timezone),
      );
      context.report(`DuckDB      ${profile.path}`);
      (await describeAccess(context, services)).forEach(context.report);
      await Promise.race([interruption, worker.ended]);
    } finally {
      await worker.stop();
    }
  });
}
