import type { Command } from 'commander';
import { ConfigurationError } from '../memory/errors.ts';
import { modelInProcess } from '../memory/model-name.ts';
import type { ServicesStatus, ServiceStatus } from '../services/status.ts';
import { createContext, type Context, type SharedOptions } from '../program/context.ts';
import { print, withSharedOptions } from './options.ts';
import { describeNamespace } from '../program/temporal.ts';

/** `biomem services up|down|status`: the embedded Temporal and PostgreSQL. */
export function addServices(program: Command): void {
  const services = program
    .command('services')
    .description('the embedded Temporal and PostgreSQL, for people who have neither')
    .addHelpText('after', '\nExample:\n  biomem services status');
  const add = (name: string, description: string, action: (options: SharedOptions) => Promise<void>) =>
    withSharedOptions(services.command(name))
      .description(description)
      .addHelpText('after', `\nExample:\n  biomem services ${name}`)
      .action(action);
  add('up', 'start what is missing and leave it running', up);
  add('down', 'stop what runs in this workspace', down);
  add('status', 'what runs, where, and who configured it', status);
}

async function up(options: SharedOptions): Promise<void> {
  const context = createContext(options);
  const { startServices } = await import('../services/services.ts');
  const { postgres } = await startServices({ ...context, outlive: true });
  const { prepareSource } = await import('../program/source.ts');
  await prepareSource(context, postgres);
  await status(options);
}

async function down(options: SharedOptions): Promise<void> {
  const context = createContext(options);
  const { stopServices } = await import('../services/services.ts');
  const stopped = await stopServices(context);
  print(context, { stopped }, () => (stopped.length > 0 ? `stopped ${stopped.join(', ')}` : 'nothing was running'));
}

async function status(options: SharedOptions): Promise<void> {
  const context = createContext(options);
  const [{ describeServices }, { describeConnect }] = await Promise.all([
    import('../services/services.ts'),
    import('./access.ts'),
  ]);
  const [found, namespace] = await Promise.all([describeServices(context), context.namespace()]);
  const embedding = readEmbedding(context);
  const cli = await describeCli(context, found.temporal);
  print(context, { ...found, namespace, embedding }, () =>
    [
      `workspace   ${found.workspace}`,
      `temporal    ${describe(found.temporal)}${found.temporal.ui === null ? '' : `, Web UI ${found.temporal.ui}`}`,
      `  ${describeNamespace(namespace)}`,
      ...cli,
      `postgres    ${describe(found.postgres)}`,
      ...(found.postgres.connect === null ? [] : describeConnect(found.postgres.connect)),
      `ollama      ${found.ollama === null ? 'none: rules read the text' : `${found.ollama.url} ${found.ollama.version}`}`,
      ...(embedding === undefined ? [] : [`embedding   ${describeEmbedding(embedding)}`]),
      `worker      ${describeWorkers(found)}`,
    ].join('\n'),
  );
}

/** What embeds, as the profile names it; undefined where the profile cannot be read, which is `debug`'s to say. */
function readEmbedding(context: Context): string | null | undefined {
  try {
    return context.offlineProfile().pipeline.llm.embed;
  } catch (error) {
    if (error instanceof ConfigurationError) return undefined;
    throw error;
  }
}

function describeEmbedding(embed: string | null): string {
  if (embed === null) return 'none: memories are not embedded';
  const inProcess = modelInProcess(embed);
  return inProcess === null ? `${embed}, by Ollama` : `${inProcess}, in the worker`;
}

/** What to tell the shell before using the Temporal CLI; nothing while there is no server for it. */
async function describeCli(context: Context, { state, address }: ServiceStatus): Promise<string[]> {
  if (context.json || state !== 'running' || address === null) return [];
  const { variablesForCli } = await import('./access.ts');
  return [`  its CLI   export ${(await variablesForCli(context, address)).join(' ')}`];
}

function describeWorkers({ workers }: ServicesStatus): string {
  return (
    Object.entries(workers)
      .map(([target, { pid }]) => `${target} pid ${String(pid)}`)
      .join(', ') || 'none'
  );
}

function describe({ state, address, version, configuredBy, reason }: ServiceStatus): string {
  const by = configuredBy === null ? '' : ` (${configuredBy})`;
  return [state, address ?? '', version ?? '', reason ?? ''].filter(Boolean).join(' ') + by;
}
