import type { ServicesStatus, ServiceStatus } from '../../services/status.ts';
import type { Context } from '../../program/context.ts';
import { describeTime } from '../schedules.ts';
import { describeNamespace, withClient } from '../../program/temporal.ts';
import { CONNECT, fail, oneLine, pass, timed, warn, within, type Check } from './check.ts';

const SECTION = 'Services';

/** Temporal with our namespace and schedules, PostgreSQL, the worker. What is not running and not configured is well. */
export async function checkServices(context: Context, services: ServicesStatus): Promise<Check[]> {
  const { temporal, postgres, workers } = services;
  const { address } = temporal;
  const worker = workers[context.target];
  return [
    describeService('Temporal', temporal, context),
    ...(temporal.state === 'running' && address !== null ? await checkNamespace(context, address) : []),
    describeService('PostgreSQL', postgres, context),
    worker === undefined
      ? pass(SECTION, 'worker', 'not running', { detail: `biomem up starts it.` })
      : pass(SECTION, 'worker', 'running', { detail: `pid ${String(worker.pid)}` }),
  ];
}

function describeService(name: string, status: ServiceStatus, { workspace }: Context): Check {
  const { state, address, version, configuredBy, reason } = status;
  const variable = configuredBy ?? undefined;
  if (state === 'stopped')
    return pass(SECTION, name, 'not running', { detail: `embedded in ${workspace}; biomem up starts it.` });
  if (state === 'running') {
    const detail = `${name} ${version ?? ''} at ${address ?? ''}${configuredBy === null ? '' : ` (${configuredBy})`}`;
    return pass(SECTION, name, 'running', { detail });
  }
  const refusing = state === 'refusing';
  return fail(SECTION, name, refusing ? 'refuses' : 'cannot be reached', {
    detail: reason ?? `no answer at ${address ?? workspace}`,
    ...(variable !== undefined && { variable }),
    hint: refusing
      ? `correct ${variable ?? 'it'} as it says.`
      : configuredBy === null
        ? 'biomem services down, then biomem up.'
        : `start it, or correct ${configuredBy}.`,
  });
}

async function checkNamespace(context: Context, address: string): Promise<Check[]> {
  const namespace = await context.namespace().catch(() => null);
  // Why it cannot be told says the check of profiles.yml.
  if (namespace === null) return [];
  const name = describeNamespace(namespace);
  try {
    const { value, ms } = await timed(() => findSchedules(context, address));
    if (value === null)
      return [pass(SECTION, name, 'not there yet', { detail: 'biomem up makes it, and the schedules.', ms })];
    return [pass(SECTION, name, 'found', { ms }), ...(await describeSchedules(value))];
  } catch (error) {
    const hint = 'ask the administrator of that server for the right to read this namespace.';
    return [fail(SECTION, name, 'cannot be read', { detail: oneLine(error), hint })];
  }
}

type Schedules = readonly { readonly id: string; readonly paused: boolean; readonly next: string | null }[];

/** Our schedules; null when there is no such namespace. */
async function findSchedules(context: Context, address: string): Promise<Schedules | null> {
  const [{ listSchedules }, { hasNamespace }] = await Promise.all([
    import('../../client.ts'),
    import('../../services/namespaces.ts'),
  ]);
  return withClient(context, address, async (client, temporal) =>
    temporal.connection.withDeadline(Date.now() + CONNECT * 1000, async () =>
      (await hasNamespace(temporal)) ? listSchedules(client) : null,
    ),
  );
}

async function describeSchedules(found: Schedules): Promise<Check[]> {
  const { SCHEDULES } = await import('../../workflows/schedules.ts');
  const hint = 'biomem schedules apply';
  if (found.length === 0)
    return [pass(SECTION, 'schedules', 'none yet', { detail: `${hint} (or biomem up) makes them.` })];
  return SCHEDULES.map(({ id }) => {
    const name = `schedule ${id}`;
    const schedule = found.find((each) => each.id === id);
    if (schedule === undefined) return warn(SECTION, name, 'missing', { detail: `${hint} makes it.`, hint });
    if (schedule.paused)
      return warn(SECTION, name, 'paused', { detail: 'somebody paused it; nothing runs until it is resumed.' });
    return pass(SECTION, name, 'present', { detail: `next at ${describeTime(schedule.next)}` });
  });
}

/** The services as they are now, or why their configuration cannot be read. */
export async function findServices(
  given: Pick<Context, 'workspace' | 'env' | 'target'>,
): Promise<ServicesStatus | Check> {
  const { describeServices } = await import('../../services/status.ts');
  try {
    // Ollama is a check of its own.
    const quiet = { ...given, ollama: () => null, report: () => undefined };
    return await within(describeServices(quiet), 2 * CONNECT * 1000);
  } catch (error) {
    const hint = 'correct what it names: the variable, the file, or temporal.toml.';
    return fail(SECTION, 'services', 'configuration invalid', { detail: oneLine(error), hint });
  }
}
