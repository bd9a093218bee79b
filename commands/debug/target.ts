import type { TargetReport } from '../../report/debug.ts';
import { createRequest } from '../../program/context.ts';
import { checkProject, checkWarnings, findContext, loadTarget, profilesFound } from './configuration.ts';
import { describeConnection, describeHead } from './description.ts';
import { checkPrograms } from './programs.ts';
import type { Check, DebugOptions, Subject } from './check.ts';

/** Stands for the embedded PostgreSQL while it does not run; no name of a real host ends so. */
const NOWHERE = 'postgresql://not-running.invalid/memories';

/** Everything about one target. What fails is in the report; nothing is thrown for it, and nothing after it left out. */
export async function checkTarget(options: DebugOptions): Promise<TargetReport> {
  const context = findContext(options);
  if ('section' in context) {
    const { env } = createRequest(options).request;
    const checks = [context, checkProject({ env }), ...(await checkPrograms(env, false))];
    return {
      target: null,
      head: await describeHead(options, false),
      connection: null,
      checks: choose(options, checks),
    };
  }
  const [{ findServices, checkServices }, { findPostgresUrl }] = await Promise.all([
    import('./services.ts'),
    import('../../services/postgres-url.ts'),
  ]);
  const services = await findServices(context);
  // A file that should hold the address and cannot be read: services and profile each say so.
  const url = await findPostgresUrl(context).catch(() => null);
  const loaded = loadTarget(context, options, url ?? NOWHERE);
  const subject: Subject | null =
    'failure' in loaded
      ? null
      : { ...loaded, services: 'section' in services ? null : services, nowhere: url === null ? NOWHERE : null };
  const checks = [
    'failure' in loaded ? loaded.failure : profilesFound(),
    checkProject(context),
    ...(await checkPrograms(context.env, subject?.services?.temporal.configuredBy != null)),
    ...(subject === null ? [] : await checkOutput(subject)),
    ...('section' in services ? [services] : await checkServices(context, services)),
    ...checkWarnings(context, subject?.profile ?? null),
  ];
  return {
    target: context.target,
    head: await describeHead(options, subject !== null),
    connection: subject === null ? null : describeConnection(subject),
    checks: choose(options, checks),
  };
}

async function checkOutput(subject: Subject): Promise<Check[]> {
  const [{ checkDatabase }, { checkStorage }, { checkModels }] = await Promise.all([
    import('./database.ts'),
    import('./storage.ts'),
    import('./models.ts'),
  ]);
  return [...(await checkDatabase(subject)), ...(await checkStorage(subject)), ...(await checkModels(subject))];
}

/** With --connection files and programs are left out, but not a profile that cannot be used. */
function choose({ connection = false }: DebugOptions, checks: readonly Check[]): Check[] {
  const early = ['Configuration', 'Required dependencies'];
  return checks.filter(({ section, status }) => !connection || status === 'error' || !early.includes(section));
}
