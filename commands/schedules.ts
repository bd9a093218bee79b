import type { Command } from 'commander';
import type { Client } from '../client.ts';
import { createContext, type Context, type SharedOptions } from '../program/context.ts';
import { print, withSharedOptions } from './options.ts';
import { temporalAddress, withClient } from '../program/temporal.ts';

/** `biomem schedules apply|list|delete`: the schedules as code. */
export function addSchedules(program: Command): void {
  const schedules = program
    .command('schedules')
    .description('waking and sleeping, as Temporal schedules')
    .addHelpText('after', '\nExample:\n  biomem schedules list');
  const add = (name: string, description: string, action: (client: Client, context: Context) => Promise<void>) =>
    withSharedOptions(schedules.command(name))
      .description(description)
      .addHelpText('after', `\nExample:\n  biomem schedules ${name} --target prod`)
      .action(async (options: SharedOptions) => {
        const context = createContext(options);
        const address = await temporalAddress(context);
        await prepare(context, address);
        await withClient(context, address, (client) => action(client, context));
      });
  add('apply', "create or update every schedule, delete those that are no more; an operator's pause survives", apply);
  add('list', 'the schedules, and when each runs next', list);
  add('delete', 'delete our schedules', remove);
}

async function apply(client: Client, context: Context): Promise<void> {
  const { applySchedules } = await import('../client.ts');
  const changes = await applySchedules(client, context.timezone());
  print(context, { schedules: changes }, () => changes.map(({ id, change }) => `${change.padEnd(8)} ${id}`).join('\n'));
}

async function list(client: Client, context: Context): Promise<void> {
  const { listSchedules } = await import('../client.ts');
  const schedules = await listSchedules(client);
  const lines = schedules.map(
    ({ id, paused, next, note }) => `${id.padEnd(30)} ${(paused ? 'paused' : describeTime(next)).padEnd(20)}  ${note}`,
  );
  print(context, { schedules }, () =>
    lines.length > 0 ? lines.join('\n') : 'no schedules; biomem schedules apply creates them',
  );
}

/** To the minute, since schedules are; the zone is named because the night is in another. */
export function describeTime(next: string | null): string {
  return next === null ? '-' : `${next.slice(0, 16).replace('T', ' ')} UTC`;
}

async function remove(client: Client, context: Context): Promise<void> {
  const { deleteSchedules } = await import('../client.ts');
  const deleted = await deleteSchedules(client);
  print(context, { deleted }, () => (deleted.length > 0 ? deleted.join('\n') : 'there was none'));
}

async function prepare(context: Context, address: string): Promise<void> {
  const { prepareNamespace } = await import('../services/namespaces.ts');
  await withClient(context, address, (_, temporal) => prepareNamespace({ ...temporal, target: context.target }));
}
